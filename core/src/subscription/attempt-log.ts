import type { Logger } from '../contract/logger.js';
import type { AttemptLog, Attempts } from '../contract/subscription.js';
import type { DocumentStore } from './document-store.js';

const MAX_MESSAGES = 1000;

/** An {@link AttemptLog} that can be read back; one document a subscription. */
export class StoredAttempts implements AttemptLog {
  readonly #known: Map<string, Attempts>;
  /** The write that has begun last, and the one that waits behind it. */
  #current: Promise<void> = Promise.resolve();
  #queued: Promise<void> | undefined;

  /** @param document as it was stored; what it does not hold in the right form is left out */
  constructor(
    private readonly id: string,
    private readonly store: DocumentStore,
    private readonly log: Logger,
    document?: unknown,
  ) {
    this.#known = new Map(entriesOf(document));
  }

  get(messageId: string): Attempts | undefined {
    return this.#known.get(messageId);
  }

  set(messageId: string, attempts: Attempts): Promise<void> {
    // The newest last, so that the oldest is the first to be forgotten.
    this.#known.delete(messageId);
    this.#known.set(messageId, attempts);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_MESSAGES) break;
      this.#known.delete(oldest);
    }
    return this.#write();
  }

  /** Not waited for: what is kept of a message that is done with is never asked for again. */
  forget(messageId: string): void {
    if (this.#known.delete(messageId)) void this.#write();
  }

  /** Forgets all of them. */
  async clear(): Promise<void> {
    this.#known.clear();
    await this.#write();
  }

  /** Resolves when the state at the time of the call is stored: writes that come together are made as one. */
  #write(): Promise<void> {
    if (this.#queued !== undefined) return this.#queued;
    this.#queued = this.#current.then(() => {
      this.#queued = undefined;
      return this.#writeNow();
    });
    this.#current = this.#queued;
    return this.#queued;
  }

  async #writeNow(): Promise<void> {
    const attempts = [...this.#known].map(([message, { count, sinceMs }]) => ({ message, count, sinceMs }));
    try {
      if (attempts.length === 0) await this.store.delete(this.id);
      else await this.store.put(this.id, { attempts });
    } catch (error) {
      this.log.error({ subscription: this.id, err: error }, 'the count of attempts could not be stored');
    }
  }
}

function entriesOf(document: unknown): readonly (readonly [string, Attempts])[] {
  const { attempts } = (document ?? {}) as { attempts?: unknown };
  if (!Array.isArray(attempts)) return [];
  return attempts.flatMap((entry: Record<string, unknown> | null) =>
    typeof entry?.message === 'string' && Number.isInteger(entry.count) && Number.isFinite(entry.sinceMs)
      ? [[entry.message, { count: entry.count as number, sinceMs: entry.sinceMs as number }] as const]
      : [],
  );
}
