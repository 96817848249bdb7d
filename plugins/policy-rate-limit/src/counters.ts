import { createHash } from 'node:crypto';
import { RateLimiterMemory } from 'rate-limiter-flexible';

/** How often a key was counted in its period. */
export interface Count {
  readonly used: number;
  readonly msToReset: number;
}

/** Keys that are counted at a time. Above, the one that was counted longest ago begins anew. */
const MAX_KEYS = 10_000;

/** Keys come from clients: a longer one is kept as its digest. */
const MAX_KEY_LENGTH = 128;

/** Counts by key, in periods that begin with the first count. */
export class Counters {
  readonly #limiter: RateLimiterMemory;
  readonly #keys = new Set<string>();

  constructor() {
    // Points are compared by who counts: a limit may differ from one count to the next.
    this.#limiter = new RateLimiterMemory({ keyPrefix: '', points: 1, duration: 1 });
  }

  /** Counts one; the period matters when it begins. */
  async count(name: string, periodSeconds: number): Promise<Count> {
    const key = name.length > MAX_KEY_LENGTH ? createHash('sha256').update(name).digest('base64') : name;
    this.#keys.delete(key);
    this.#keys.add(key);
    const { consumedPoints, msBeforeNext } = await this.#limiter.penalty(key, 1, {
      customDuration: periodSeconds,
    });
    if (this.#keys.size > MAX_KEYS) await this.#forgetOldest();
    return { used: consumedPoints, msToReset: Math.max(0, msBeforeNext) };
  }

  async #forgetOldest(): Promise<void> {
    const [oldest] = this.#keys;
    if (oldest === undefined) return;
    this.#keys.delete(oldest);
    await this.#limiter.delete(oldest);
  }
}
