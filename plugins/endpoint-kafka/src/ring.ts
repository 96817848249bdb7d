import type { Delivery } from '@sluice/core';
import type { DeliveryBatch } from './delivery-batch.js';
import { type Progress, reaches } from './partition-table.js';

/**
 * A run is one write to every client that stands at its beginning. Its bytes are those that are written: of small records the
 * objects around them weigh several times as much, and a client would be written that many times more often.
 */
const RUN = { maxRecords: 2500, maxBytes: 256 * 1024 };
/** Runs that are remembered: clients that came back together stand at the same few places. */
const MAX_RUNS = 16;

/** Batches that follow one another, handed out as one. */
export interface Run {
  /** Their deliveries, as iterators give them: one object for all who stand there. */
  readonly result: IteratorYieldResult<readonly Delivery[]>;
  /** The reader's progress after them. */
  readonly after: Progress;
  /** The number of the batch behind it. */
  readonly next: number;
  /** Whether no more fits into it. */
  readonly full: boolean;
}

/** The most recent batches of a reader, bounded in bytes; older ones are forgotten. */
export class Ring {
  readonly #batches: DeliveryBatch[] = [];
  #bytes = 0;
  #first = 0;
  #base: Progress;
  readonly #runs = new Map<number, Run>();

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

  /**
   * What begins with a batch: it and those behind it, as many as one write should hold; undefined when it is forgotten
   * or not there yet. Who asks at the same place gets the same, so that it is encoded once.
   */
  runFrom(number: number): Run | undefined {
    const first = this.get(number);
    if (first === undefined) return undefined;
    const known = this.#runs.get(number);
    if (known !== undefined && (known.full || known.next === this.next)) return known;
    const run = this.#run(number, first);
    this.#runs.set(number, run);
    if (this.#runs.size > MAX_RUNS) this.#runs.delete(this.#runs.keys().next().value as number);
    return run;
  }

  #run(number: number, first: DeliveryBatch): Run {
    let records = first.messages.length;
    let bytes = first.writtenBytes;
    let next = number + 1;
    let full = false;
    for (let batch = this.get(next); batch !== undefined; batch = this.get(++next)) {
      records += batch.messages.length;
      bytes += batch.writtenBytes;
      full = records > RUN.maxRecords || bytes > RUN.maxBytes;
      if (full) break;
    }
    const from = number - this.#first;
    const batches = this.#batches.slice(from, from + next - number);
    const { after } = batches.at(-1) as DeliveryBatch;
    // A batch by itself is handed out as it is; in others each delivery keeps the cursor it has.
    const value = batches.length === 1 ? first.deliveries : batches.flatMap(({ deliveries }) => deliveries);
    return { result: Object.freeze({ done: false, value }), after, next, full };
  }

  push(batch: DeliveryBatch): void {
    this.#batches.push(batch);
    this.#bytes += batch.bytes;
    while (this.#bytes > this.maxBytes && this.#batches.length > 1) {
      const oldest = this.#batches.shift() as DeliveryBatch;
      this.#bytes -= oldest.bytes;
      this.#runs.delete(this.#first);
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
