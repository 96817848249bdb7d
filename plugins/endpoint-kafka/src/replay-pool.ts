import { PlacesInTurn, partOf, SluiceError, shareExhausted } from '@sluice/core';
import type { PartitionTable, Progress } from './partition-table.js';
import type { ReaderParts } from './reader-parts.js';
import { ReplaySession } from './replay-session.js';

/** How long a replay that nobody pulls is kept: the next page of the same client continues it. */
const LINGER_MS = 15_000;
/** Clients that may wait for a replay. */
const MAX_WAITING = 1000;
/** How long a client that has so many waiting had better wait. */
const RETRY_SECONDS = 5;

/** What a replay reads. */
export interface ReplayPlace {
  readonly table: PartitionTable;
  readonly slots: readonly number[];
  readonly progress: Progress;
  /** Whose share it takes from. */
  readonly client: string;
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
 * The replays of one endpoint: so many at a time, each a consumer, and half of them one client's at most; others wait, the
 * clients in turn. One that is given back is kept for a while, since the next page of its client continues where it is; it is
 * closed as soon as somebody waits for its place.
 */
export class ReplayPool {
  readonly #slots: PlacesInTurn;
  readonly #idle = new Set<Idle>();
  #stopped = false;

  /** @param max how many there are at a time */
  constructor(max: number) {
    this.#slots = new PlacesInTurn({
      places: max,
      share: partOf(max, 1 / 2),
      waiting: MAX_WAITING,
      refusal: (over, waiting) =>
        over === 'client'
          ? shareExhausted('replays waiting', waiting, RETRY_SECONDS)
          : new SluiceError('TOO_MANY_CONSUMERS'),
    });
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
   * @throws SluiceError `CLIENT_SHARE_EXHAUSTED`, `TOO_MANY_CONSUMERS`, `ENDPOINT_UNAVAILABLE`
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
    const { client } = place;
    const full = this.#slots.full(client);
    if (full !== undefined) this.#closeOldest(full === 'client' ? client : undefined);
    const release = await this.#slots.take(client, signal);
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

  #find({ table, slots, progress, client }: ReplayPlace): Idle | undefined {
    return [...this.#idle].find(
      ({ session, place }) =>
        place.client === client &&
        place.table === table &&
        place.slots.length === slots.length &&
        place.slots.every((slot, index) => slot === slots[index]) &&
        session.goTo(progress),
    );
  }

  #lease(
    session: ReplaySession,
    { table, slots, client }: Omit<ReplayPlace, 'progress'>,
    release: () => void,
  ): LeasedSession {
    let givenBack: Promise<void> | undefined;
    return {
      session,
      giveBack: () => {
        givenBack ??= this.#keep(session, { table, slots, client }, release);
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

  /** @param client whose; anybody's when absent */
  #closeOldest(client: string | undefined): void {
    const oldest = [...this.#idle].find(({ place }) => client === undefined || place.client === client);
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
