import { partOf, type SluiceError, shareExhausted } from '@sluice/core';

/** Of all records that wait for brokers, how much one client may have. */
const PART = 0.75;
/** Brokers usually take what waits within this. */
const RETRY_AFTER_SECONDS = 1;

interface Held {
  records: number;
  bytes: number;
}

/**
 * The share of a client in the records that wait for a broker: three quarters of what may wait, in number and in bytes. A record
 * that is larger than that is taken where its client has no other waiting.
 */
export class QueueShares {
  readonly #held = new Map<string, Held>();
  readonly #records: number;
  readonly #bytes: number;

  constructor(bounds: { readonly maxQueuedMessages: number; readonly maxQueuedKbytes: number }) {
    this.#records = partOf(bounds.maxQueuedMessages, PART);
    this.#bytes = partOf(bounds.maxQueuedKbytes * 1024, PART);
  }

  /** Counts records of a client, or says that it has its share already: `CLIENT_SHARE_EXHAUSTED`. Without one none is counted. */
  take(client: string | undefined, records: number, bytes: number): SluiceError | undefined {
    if (client === undefined) return undefined;
    const held = this.#held.get(client);
    if (held === undefined) {
      this.#held.set(client, { records, bytes });
      return undefined;
    }
    if (held.records + records > this.#records || held.bytes + bytes > this.#bytes)
      return shareExhausted('records that wait for a broker', held.records, RETRY_AFTER_SECONDS);
    held.records += records;
    held.bytes += bytes;
    return undefined;
  }

  /** Counts them no longer. */
  give(client: string | undefined, records: number, bytes: number): void {
    if (client === undefined) return;
    const held = this.#held.get(client);
    if (held === undefined) return;
    held.records -= records;
    held.bytes -= bytes;
    if (held.records <= 0) this.#held.delete(client);
  }
}
