import type { Delivery, SubscribeRequest, Subscription } from '../contract/delivery.js';
import type { Message } from '../contract/message.js';
import { writeCursor } from './memory-cursor.js';
import type { MemoryLog } from './memory-log.js';

/** What a subscription of a memory endpoint is made of. */
export interface MemorySubscriptionParts {
  readonly log: MemoryLog;
  readonly request: SubscribeRequest;
  /** For each partition the offset to read first. */
  readonly start: readonly number[];
  readonly batchSize: number;
  /** Records the group's progress: for each partition the offset to read next. */
  commit(next: readonly number[]): void;
}

interface Handed {
  readonly partition: number;
  readonly offset: number;
}

/** One subscriber's reading of a {@link MemoryLog}; it never ends by itself. */
export class MemorySubscription implements Subscription {
  readonly startCursor: string | null;
  readonly #next: number[];
  readonly #unsettled = new Set<Handed>();
  readonly #unwatch: () => void;
  #closed = false;
  #wake = () => {};

  constructor(private readonly parts: MemorySubscriptionParts) {
    this.#next = [...parts.start];
    this.startCursor = this.#cursor();
    this.#unwatch = parts.log.watch(() => this.#wake());
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Delivery[]> {
    while (!this.#closed) {
      const batch = this.#nextBatch();
      if (batch.length > 0) yield batch;
      else await this.#change();
    }
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#unwatch();
    this.#wake();
    return Promise.resolve();
  }

  #nextBatch(): readonly Delivery[] {
    const { log, request, batchSize } = this.parts;
    const room = request.qos === 'none' ? batchSize : request.maxInFlight - this.#unsettled.size;
    const limit = Math.min(batchSize, room);
    const batch: Delivery[] = [];
    for (let before = -1; batch.length > before; ) {
      before = batch.length;
      log.partitions.forEach((messages, partition) => {
        const message = messages[this.#next[partition] as number];
        if (message !== undefined && batch.length < limit) batch.push(this.#deliver(message, partition));
      });
    }
    // At these levels what is handed out counts as received; at `at-least-once` only what is settled does.
    if (request.qos !== 'none' && request.qos !== 'at-least-once') this.parts.commit(this.#next);
    return batch;
  }

  #deliver(message: Message, partition: number): Delivery {
    const handed: Handed = { partition, offset: this.#next[partition] as number };
    this.#next[partition] = handed.offset + 1;
    if (this.parts.request.qos !== 'none') this.#unsettled.add(handed);
    return {
      message,
      cursor: this.#cursor(),
      ack: () => {
        if (!this.#closed && this.#unsettled.delete(handed)) this.#settled();
      },
      nack: () => {
        if (this.#closed || !this.#unsettled.delete(handed)) return;
        if (this.parts.request.qos !== 'at-most-once') this.#rewind(handed);
        this.#settled();
      },
    };
  }

  #rewind({ partition, offset }: Handed): void {
    this.#next[partition] = offset;
    for (const later of this.#unsettled) {
      if (later.partition === partition && later.offset > offset) this.#unsettled.delete(later);
    }
  }

  #settled(): void {
    if (this.parts.request.qos === 'at-least-once') {
      const progress = [...this.#next];
      for (const { partition, offset } of this.#unsettled) {
        progress[partition] = Math.min(progress[partition] as number, offset);
      }
      this.parts.commit(progress);
    }
    this.#wake();
  }

  #cursor(): string | null {
    return this.parts.request.qos === 'balanced' ? null : writeCursor(this.#next);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
