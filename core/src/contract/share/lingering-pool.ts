import type { SluiceError } from '../errors.js';
import { type Claim, type Full, type ShareLimits, Shares } from './shares.js';

/** What a pool is made with. */
export interface PoolOptions<T> {
  readonly limits: () => ShareLimits;
  /** How long one that nobody uses is kept, in milliseconds: who comes back finds it warm. */
  readonly lingerMs: number;
  /** The error for a claim that there is no place for. */
  readonly refusal: (full: Full, limits: ShareLimits) => SluiceError;
  /** Ends one that is no longer in the pool; never rejects. */
  readonly close: (value: T) => Promise<void>;
}

/** The use of one, until it is released. */
export interface Lease<T> {
  readonly value: T;
  /** Returns whether nobody uses it any more. Safe to call twice; the second time does nothing, and returns false. */
  release(): boolean;
}

interface Entry<T> {
  readonly key: string;
  readonly value: T;
  /** Who it counts for. */
  owner: Claim;
  /** Uses, by who has them. */
  readonly users: Map<string, { readonly claim: Claim; count: number }>;
  linger: NodeJS.Timeout | undefined;
}

/**
 * Things that are made once a key, used by all who ask for the same, and kept for a while after the last use. Each takes a place
 * of a bound, and counts for one of its users; one that lingers, for its last. Where there is no place, the oldest that only
 * lingers is closed, the claim's own first. What is being closed is bounded too: a client that has as many on the way out as its
 * share is refused.
 */
export class LingeringPool<T> {
  readonly #entries = new Map<string, Entry<T>>();
  /** In the order they fell idle. */
  readonly #idle = new Set<Entry<T>>();
  readonly #shares: Shares;
  readonly #leaving: Shares;
  readonly #closing = new Set<Promise<void>>();

  constructor(private readonly options: PoolOptions<T>) {
    this.#shares = new Shares(options.limits);
    this.#leaving = new Shares(() => ({ ...UNBOUNDED, client: options.limits().client }));
  }

  /**
   * The one of a key.
   * @param make called when there is none
   * @throws SluiceError the `refusal`, and what `make` throws
   */
  lease(key: string, claim: Claim, make: () => T): Lease<T> {
    const entry = this.#entries.get(key) ?? this.#add(key, claim, make);
    const who = nameOf(claim);
    const use = entry.users.get(who);
    if (use !== undefined) use.count++;
    else this.#begin(entry, who, claim);
    let released = false;
    return {
      value: entry.value,
      release: () => {
        const first = !released;
        released = true;
        return first && this.#release(entry, who);
      },
    };
  }

  /** All of them, also those that linger. */
  get values(): readonly T[] {
    return [...this.#entries.values()].map(({ value }) => value);
  }

  /** Closes one that is of no more use; who has it goes on releasing it. Nothing when the key has another now. */
  drop(key: string, value: T): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined && entry.value === value) void this.#close(entry);
  }

  /** Closes all. */
  async stop(): Promise<void> {
    for (const entry of [...this.#entries.values()]) void this.#close(entry);
    await Promise.all(this.#closing);
  }

  #add(key: string, claim: Claim, make: () => T): Entry<T> {
    this.#makeRoom(claim);
    const entry: Entry<T> = { key, value: make(), owner: claim, users: new Map(), linger: undefined };
    this.#entries.set(key, entry);
    this.#shares.add(claim);
    return entry;
  }

  /** @throws SluiceError the `refusal` */
  #makeRoom(claim: Claim): void {
    for (let full = this.#shares.full(claim); full !== undefined; full = this.#shares.full(claim)) {
      const leaving = this.#leaving.full(claim);
      const idle = leaving === undefined ? this.#oldestIdle(full, claim) : undefined;
      if (idle === undefined) throw this.options.refusal(leaving ?? full, this.options.limits());
      void this.#close(idle);
    }
  }

  /** Of those whose end would help: the claim's own before anybody's. */
  #oldestIdle(full: Full, claim: Claim): Entry<T> | undefined {
    const helping = [...this.#idle].filter(({ owner }) => HELPS[full](owner, claim));
    return helping.find(({ owner }) => owner.client === claim.client) ?? helping[0];
  }

  #begin(entry: Entry<T>, who: string, claim: Claim): void {
    clearTimeout(entry.linger);
    this.#idle.delete(entry);
    // Of one that lingered, whoever comes back to it.
    if (entry.users.size === 0) this.#handOver(entry, claim);
    entry.users.set(who, { claim, count: 1 });
  }

  #release(entry: Entry<T>, who: string): boolean {
    const use = entry.users.get(who);
    if (use === undefined || --use.count > 0) return false;
    entry.users.delete(who);
    const [next] = entry.users.values();
    if (next !== undefined) {
      if (nameOf(entry.owner) === who) this.#handOver(entry, next.claim);
      return false;
    }
    if (this.#entries.get(entry.key) === entry) this.#linger(entry);
    return true;
  }

  #handOver(entry: Entry<T>, claim: Claim): void {
    if (this.#entries.get(entry.key) === entry) {
      this.#shares.remove(entry.owner);
      this.#shares.add(claim);
    }
    entry.owner = claim;
  }

  #linger(entry: Entry<T>): void {
    this.#idle.add(entry);
    entry.linger = setTimeout(() => void this.#close(entry), this.options.lingerMs);
    entry.linger.unref();
  }

  #close(entry: Entry<T>): Promise<void> {
    clearTimeout(entry.linger);
    this.#idle.delete(entry);
    this.#entries.delete(entry.key);
    const { owner } = entry;
    this.#shares.remove(owner);
    this.#leaving.add(owner);
    const closed = this.options.close(entry.value);
    this.#closing.add(closed);
    void closed.finally(() => {
      this.#closing.delete(closed);
      this.#leaving.remove(owner);
    });
    return closed;
  }
}

const UNBOUNDED = { all: Number.POSITIVE_INFINITY };

/** Whether the end of one makes room for a claim. */
const HELPS: Readonly<Record<Full, (owner: Claim, claim: Claim) => boolean>> = {
  client: (owner, claim) => owner.client === claim.client,
  api: (owner, claim) => owner.api === claim.api,
  open: (owner) => owner.reserved !== true,
  all: () => true,
};

function nameOf({ api, client }: Claim): string {
  return `${api} ${client ?? ''}`;
}
