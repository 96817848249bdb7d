import type { PartitionTable, Progress } from './partition-table.js';
import type { ReaderParts } from './reader-parts.js';
import { ReplaySession } from './replay-session.js';
import { ReplaySlots } from './replay-slots.js';

/** How long a replay that nobody pulls is kept: the next page of the same client continues it. */
const LINGER_MS = 15_000;

/** What a replay reads. */
export interface ReplayPlace {
  readonly table: PartitionTable;
  readonly slots: readonly number[];
  readonly progress: Progress;
}

/** A session, for as long as it is pulled. */
export interface LeasedSession {
  readonly session: ReplaySession;
  /** Resolves when it may be taken by others, or is closed. Safe to call twice. */
  giveBack(): Promise<void>;
}

interface Idle {
  readonly session: ReplaySession;
  readonly place: Omit<ReplayPlace, 'progress'>;
  readonly release: () => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * The replays of one endpoint: so many at a time, each a consumer. One that is given back is kept for a while, since the
 * next page of its client continues where it is; it is closed as soon as somebody waits for its place.
 */
export class ReplayPool {
  readonly #slots: ReplaySlots;
  readonly #idle = new Set<Idle>();
  #stopped = false;

  /** @param max how many there are at a time */
  constructor(max: number) {
    this.#slots = new ReplaySlots(max);
  }

  /** How many are pulled now. */
  get running(): number {
    return this.#slots.running - this.#idle.size;
  }

  get waiting(): number {
    return this.#slots.waiting;
  }

  /**
   * A session that reads behind a progress; undefined when the signal came first.
   * @throws SluiceError `TOO_MANY_CONSUMERS`, `ENDPOINT_UNAVAILABLE`
   */
  async take(
    parts: ReaderParts,
    place: ReplayPlace,
    signal: AbortSignal,
  ): Promise<LeasedSession | undefined> {
    const kept = this.#find(place);
    if (kept !== undefined) {
      this.#forget(kept);
      return this.#lease(kept.session, place, kept.release);
    }
    if (this.#slots.full) this.#closeOldest();
    const release = await this.#slots.take(signal);
    if (release === undefined) return undefined;
    try {
      const { table, progress, slots } = place;
      return this.#lease(await ReplaySession.open(parts, table, progress, slots), place, release);
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Closes what is kept, and keeps nothing from now on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#idle].map((idle) => this.#end(idle)));
  }

  #find({ table, slots, progress }: ReplayPlace): Idle | undefined {
    return [...this.#idle].find(
      ({ session, place }) =>
        place.table === table &&
        place.slots.length === slots.length &&
        place.slots.every((slot, index) => slot === slots[index]) &&
        session.goTo(progress),
    );
  }

  #lease(
    session: ReplaySession,
    { table, slots }: Omit<ReplayPlace, 'progress'>,
    release: () => void,
  ): LeasedSession {
    let givenBack: Promise<void> | undefined;
    return {
      session,
      giveBack: () => {
        givenBack ??= this.#keep(session, { table, slots }, release);
        return givenBack;
      },
    };
  }

  async #keep(session: ReplaySession, place: Idle['place'], release: () => void): Promise<void> {
    if (this.#stopped || session.failed || this.#slots.waiting > 0) {
      await session.close().finally(release);
      return;
    }
    const timer = setTimeout(() => void this.#end(idle), LINGER_MS);
    timer.unref();
    const idle: Idle = { session, place, release, timer };
    this.#idle.add(idle);
  }

  #closeOldest(): void {
    const [oldest] = this.#idle;
    if (oldest !== undefined) void this.#end(oldest);
  }

  #forget(idle: Idle): void {
    clearTimeout(idle.timer);
    this.#idle.delete(idle);
  }

  async #end(idle: Idle): Promise<void> {
    if (!this.#idle.has(idle)) return;
    this.#forget(idle);
    await idle.session.close().finally(idle.release);
  }
}
