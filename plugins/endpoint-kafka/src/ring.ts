import type { DeliveryBatch } from './delivery-batch.js';
import { type Progress, reaches } from './partition-table.js';

/** The most recent batches of a reader, bounded in bytes; older ones are forgotten. */
export class Ring {
  readonly #batches: DeliveryBatch[] = [];
  #bytes = 0;
  #first = 0;
  #base: Progress;

  /**
   * @param maxBytes at least the newest batch is kept whatever its size
   * @param start the reader's progress before the first batch
   */
  constructor(
    private readonly maxBytes: number,
    start: Progress,
  ) {
    this.#base = start;
  }

  /** The number of the oldest batch held; equal to `next` when none is. */
  get first(): number {
    return this.#first;
  }

  /** The number the next batch will get. */
  get next(): number {
    return this.#first + this.#batches.length;
  }

  /** The reader's progress after the newest batch. */
  get head(): Progress {
    return this.#batches.at(-1)?.after ?? this.#base;
  }

  /** The reader's progress before the oldest batch held. */
  get base(): Progress {
    return this.#base;
  }

  /** What it holds, roughly. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The batch of a number; undefined when it is forgotten or not there yet. */
  get(number: number): DeliveryBatch | undefined {
    return this.#batches[number - this.#first];
  }

  push(batch: DeliveryBatch): void {
    this.#batches.push(batch);
    this.#bytes += batch.bytes;
    while (this.#bytes > this.maxBytes && this.#batches.length > 1) {
      const oldest = this.#batches.shift() as DeliveryBatch;
      this.#bytes -= oldest.bytes;
      this.#base = oldest.after;
      this.#first++;
    }
  }

  /** Moves the base of a slot that is not in the ring: a partition that was found later. */
  extend(slot: number, last: number): void {
    const base = [...this.#base];
    base[slot] = last;
    this.#base = base;
  }

  /** Whether everything after a progress is still held. */
  covers(progress: Progress): boolean {
    return reaches(progress, this.#base);
  }
}
