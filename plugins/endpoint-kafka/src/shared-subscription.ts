import type { Delivery, GapNotice, SluiceError, Subscription } from '@sluice/core';
import { formatCursor } from './cursor.js';
import { DeliveryBatch } from './delivery-batch.js';
import { type PartitionTable, type Progress, reaches } from './partition-table.js';
import type { ReaderParts } from './reader-parts.js';
import { replay } from './replay.js';
import type { Ring } from './ring.js';
import { WakeUp } from './signal.js';

/** Without a reason of its own each closing would make a DOMException with its stack. */
const CLOSED = new Error('the subscription is closed');

/** The reader, as a stream on it sees it. */
export interface RingSource {
  readonly ring: Ring;
  readonly table: PartitionTable;
  readonly parts: ReaderParts;
  /** Whether cursors are base64. */
  readonly encode: boolean;
  /** Why nothing more will come; undefined while all is well. */
  readonly failure: SluiceError | undefined;
}

/**
 * One stream on a shared reader: a place in the ring. While its progress differs from the reader's, it gets batches
 * of its own (first from a replay when the ring no longer covers it, then from the ring, leaving out what it has);
 * once they agree, it gets the ring's own batches, the same arrays as every other stream.
 */
export class SharedSubscription implements Subscription {
  readonly startCursor: string | null;
  readonly #wakeUp = new WakeUp();
  readonly #closing = new AbortController();
  readonly #gaps: GapNotice[] = [];
  /** Slots whose log has begun anew, with the offset before its beginning. */
  readonly #restarts = new Map<number, number>();
  /** Its own progress, while that is not the reader's at `#next`. */
  #own: Progress | undefined;
  /** The number of the ring's batch that comes next, once `#own` is undefined. */
  #next = 0;
  /** The progress after the last batch it got. */
  #reached: Progress;

  constructor(
    private readonly reader: RingSource,
    start: Progress,
    private readonly onGap: ((gap: GapNotice) => void) | undefined,
    private readonly onClose: () => void,
  ) {
    this.#own = start;
    this.#reached = start;
    this.startCursor = formatCursor(reader.table, start, reader.encode);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Delivery[], void, void> {
    while (!this.#closing.signal.aborted) {
      this.#tellGaps();
      if (this.#restarts.size > 0) this.#goBack();
      if (this.#own !== undefined) {
        if (!this.reader.ring.covers(this.#own)) yield* this.#replay(this.#own);
        else yield* this.#joinRing(this.#own);
        continue;
      }
      const { ring } = this.reader;
      const run = ring.runFrom(this.#next);
      if (run !== undefined) {
        this.#next = run.next;
        this.#reached = run.batch.after;
        yield run.batch.deliveries;
      } else if (this.#next < ring.first) {
        this.#own = this.#reached;
      } else {
        await this.#wait();
      }
    }
  }

  /** Called by the reader when there is something new. */
  wake(): void {
    this.#wakeUp.wake();
  }

  /** Called by the reader: told before the next batch. */
  tell(gap: GapNotice): void {
    this.#gaps.push(gap);
  }

  /** Called by the reader when it has forgotten its ring: a partition goes on behind `last`, which lies further back. */
  restart(slot: number, last: number): void {
    this.#restarts.set(slot, last);
  }

  close(): Promise<void> {
    if (!this.#closing.signal.aborted) {
      this.#closing.abort(CLOSED);
      this.#wakeUp.wake();
      this.onClose();
    }
    return Promise.resolve();
  }

  /** Reads what the ring has forgotten, until it meets the ring. */
  async *#replay(start: Progress): AsyncGenerator<readonly Delivery[], void, void> {
    const { table, parts, encode } = this.reader;
    const options = { signal: this.#closing.signal };
    for await (const step of replay(parts, table, start, options)) {
      for (const gap of step.gaps) this.onGap?.(gap);
      const before = this.#own ?? start;
      this.#own = step.progress;
      this.#reached = step.progress;
      if (step.records.length > 0) {
        yield new DeliveryBatch(table, before, step.records, { encode }).deliveries;
      }
      if (this.#restarts.size > 0 || this.reader.ring.covers(this.#own)) return;
    }
  }

  /** Walks the ring, leaving out what is received already, until progress is the reader's. */
  async *#joinRing(start: Progress): AsyncGenerator<readonly Delivery[], void, void> {
    const { ring, table, encode } = this.reader;
    let own = start;
    for (let number = this.#firstMissing(start); ; number++) {
      // At the head with nothing more to leave out: from here on, it is the reader's progress.
      if (reaches(number === ring.next ? ring.head : this.#before(number), own)) {
        this.#own = undefined;
        this.#next = number;
        return;
      }
      while (number === ring.next && !this.#closing.signal.aborted && this.#restarts.size === 0)
        await this.#wait();
      if (this.#restarts.size > 0) return;
      const batch = ring.get(number);
      // Forgotten meanwhile: begin again with what has been reached.
      if (batch === undefined) return;
      const missing = batch.messages.filter(
        ({ topic, partition, offset }) => offset > (own[table.add(topic, partition)] ?? -1),
      );
      if (missing.length === 0) continue;
      const rest = new DeliveryBatch(table, own, missing, { encode });
      own = rest.after;
      this.#own = own;
      this.#reached = own;
      yield rest.deliveries;
      if (this.#closing.signal.aborted || this.#restarts.size > 0) return;
    }
  }

  #goBack(): void {
    const own = [...(this.#own ?? this.#reached)];
    for (const [slot, last] of this.#restarts) own[slot] = last;
    this.#restarts.clear();
    this.#own = own;
    this.#reached = own;
  }

  /** The number of the first batch that holds something new: what lies before it is received in full. */
  #firstMissing(own: Progress): number {
    let from = this.reader.ring.first;
    let to = this.reader.ring.next;
    while (from < to) {
      const middle = Math.ceil((from + to) / 2);
      if (reaches(own, this.#before(middle))) from = middle;
      else to = middle - 1;
    }
    return from;
  }

  /** The reader's progress before a batch of the ring. */
  #before(number: number): Progress {
    return this.reader.ring.get(number - 1)?.after ?? this.reader.ring.base;
  }

  #tellGaps(): void {
    for (const gap of this.#gaps.splice(0)) this.onGap?.(gap);
  }

  async #wait(): Promise<void> {
    if (this.reader.failure !== undefined) throw this.reader.failure;
    await this.#wakeUp.wait();
    if (this.reader.failure !== undefined) throw this.reader.failure;
  }
}
