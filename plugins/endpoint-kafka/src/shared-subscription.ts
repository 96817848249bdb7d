import type { Delivery, GapNotice, SluiceError, Subscription } from '@sluice/core';
import { CaughtUp } from './caught-up.js';
import { formatCursor } from './cursor.js';
import { DeliveryBatch } from './delivery-batch.js';
import { type PartitionTable, type Progress, reaches } from './partition-table.js';
import type { ReaderParts } from './reader-parts.js';
import { replay } from './replay.js';
import type { Ring } from './ring.js';
import { WakeUp } from './signal.js';

/** Without a reason of its own each closing would make a DOMException with its stack. */
const CLOSED = new Error('the subscription is closed');

type Result = IteratorResult<readonly Delivery[], void>;

const DONE: Result = Object.freeze({ done: true, value: undefined });

interface Waiter {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** The reader, as a stream on it sees it. */
export interface RingSource {
  readonly ring: Ring;
  readonly table: PartitionTable;
  readonly parts: ReaderParts;
  /** Whether cursors are base64. */
  readonly encode: boolean;
  /** Why nothing more will come; undefined while all is well. */
  readonly failure: SluiceError | undefined;
  /** Up to where a stream at the head of the ring has everything, by slot: the next offset. */
  readTo(slot: number): number;
}

/**
 * One stream on a shared reader: a place in the ring. While its progress differs from the reader's, it gets batches
 * of its own (first from a replay when the ring no longer covers it, then from the ring, leaving out what it has);
 * once they agree, it gets the ring's own batches, the same arrays as every other stream.
 *
 * It is its own iterator, pulled by one reader at a time, and what only catching up needs is made for that: ten thousand
 * streams that wait for the next batch hold a promise each and little else.
 */
export class SharedSubscription implements Subscription, AsyncIterator<readonly Delivery[], void> {
  readonly startCursor: string | null;
  /** Who has asked for a batch that is not there yet. */
  #waiter: Waiter | undefined;
  /** Under way while its progress is not the reader's. */
  #catchingUp: AsyncGenerator<readonly Delivery[], void, void> | undefined;
  /** Wakes those that catch up. */
  #wakeUp: WakeUp | undefined;
  #closed = false;
  /** Ends a replay. */
  #closing: AbortController | undefined;
  #gaps: GapNotice[] | undefined;
  /** Slots whose log has begun anew, with the offset before its beginning. */
  #restarts: Map<number, number> | undefined;
  /** Its own progress, while that is not the reader's at `#next`. */
  #own: Progress | undefined;
  /** The number of the ring's batch that comes next, once `#own` is undefined. */
  #next = 0;
  /** The progress after the last batch it got. */
  #reached: Progress;
  readonly #caughtUp: CaughtUp | undefined;

  constructor(
    private readonly reader: RingSource,
    start: Progress,
    private readonly onGap: ((gap: GapNotice) => void) | undefined,
    private readonly onClose: (subscription: SharedSubscription) => void,
    private readonly client: string,
    ends?: readonly number[],
  ) {
    this.#own = start;
    this.#reached = start;
    this.startCursor = formatCursor(reader.table, start, reader.encode);
    if (ends !== undefined) this.#caughtUp = new CaughtUp(() => this.#isBehind(ends));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  get caughtUp(): Promise<void> | undefined {
    return this.#caughtUp?.promise;
  }

  /** Also over what is no record: markers and aborted ones behind the last. */
  passed(): string {
    return formatCursor(this.reader.table, this.#passed(), this.reader.encode);
  }

  next(): Promise<Result> {
    this.#caughtUp?.check();
    if (this.#catchingUp !== undefined) return this.#catchUp();
    const found = this.#find();
    if (found === 'behind') return this.#catchUp();
    return found === undefined ? this.#wait() : Promise.resolve(found);
  }

  /** Whoever iterates again goes on where it was. */
  async return(): Promise<Result> {
    const left = this.#catchingUp;
    this.#catchingUp = undefined;
    await left?.return();
    return DONE;
  }

  /** Called by the reader when there is something new, or never will be. */
  wake(): void {
    this.#wakeUp?.wake();
    this.#caughtUp?.check();
    const waiter = this.#waiter;
    if (waiter === undefined) return;
    const found = this.#find();
    if (found === undefined && this.reader.failure === undefined) return;
    this.#waiter = undefined;
    if (found === 'behind') this.#catchUp().then(waiter.resolve, waiter.reject);
    else if (found === undefined) waiter.reject(this.reader.failure);
    else waiter.resolve(found);
  }

  /** Called by the reader: told before the next batch. */
  tell(gap: GapNotice): void {
    this.#gaps ??= [];
    this.#gaps.push(gap);
  }

  /** Called by the reader when it has forgotten its ring: a partition goes on behind `last`, which lies further back. */
  restart(slot: number, last: number): void {
    this.#restarts ??= new Map();
    this.#restarts.set(slot, last);
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#closing?.abort(CLOSED);
      this.wake();
      this.onClose(this);
    }
    return Promise.resolve();
  }

  /** What comes next, when that is there; `behind` while it is not what all others get. */
  #find(): Result | 'behind' | undefined {
    if (this.#closed) return DONE;
    this.#tellGaps();
    const { ring } = this.reader;
    if (this.#restarts !== undefined) return 'behind';
    if (this.#own !== undefined) {
      if (!reaches(this.#own, ring.head) || !reaches(ring.head, this.#own)) return 'behind';
      this.#own = undefined;
      this.#next = ring.next;
    }
    const run = ring.runFrom(this.#next);
    if (run !== undefined) {
      this.#next = run.next;
      this.#reached = run.after;
      return run.result;
    }
    if (this.#next >= ring.first) return undefined;
    this.#own = this.#reached;
    return 'behind';
  }

  /** The next batch of those that catch up, or what comes behind them. */
  async #catchUp(): Promise<Result> {
    for (;;) {
      this.#catchingUp ??= this.#behind();
      const result = await this.#catchingUp.next();
      if (result.done !== true) return result;
      this.#catchingUp = undefined;
      const found = this.#find();
      if (found === undefined) return this.#wait();
      if (found !== 'behind') return found;
    }
  }

  /** @throws SluiceError why nothing more will come */
  #wait(): Promise<Result> {
    if (this.reader.failure !== undefined) return Promise.reject(this.reader.failure);
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
  }

  async *#behind(): AsyncGenerator<readonly Delivery[], void, void> {
    while (!this.#closed) {
      this.#tellGaps();
      if (this.#restarts !== undefined) this.#goBack(this.#restarts);
      if (this.#own === undefined) return;
      if (!this.reader.ring.covers(this.#own)) yield* this.#replay(this.#own);
      else yield* this.#joinRing(this.#own);
    }
  }

  /** Reads what the ring has forgotten, until it meets the ring. */
  async *#replay(start: Progress): AsyncGenerator<readonly Delivery[], void, void> {
    const { table, parts, encode } = this.reader;
    this.#closing ??= new AbortController();
    const { client } = this;
    const { signal } = this.#closing;
    for await (const step of replay(parts, table, start, { client, signal })) {
      for (const gap of step.gaps) this.onGap?.(gap);
      const before = this.#own ?? start;
      this.#own = step.progress;
      this.#reached = step.progress;
      if (step.records.length === 0) this.#caughtUp?.check();
      if (step.records.length > 0) {
        yield new DeliveryBatch(table, before, step.records, { encode }).deliveries;
      }
      if (this.#restarts !== undefined || this.reader.ring.covers(this.#own)) return;
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
      while (number === ring.next && !this.#closed && this.#restarts === undefined) await this.#woken();
      if (this.#restarts !== undefined) return;
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
      if (this.#closed || this.#restarts !== undefined) return;
    }
  }

  /** Progress that counts what lies between the last record and the end as read. */
  #passed(): Progress {
    const own = this.#own ?? this.#reached;
    const { ring } = this.reader;
    const isAtHead = this.#own === undefined && this.#next === ring.next;
    return isAtHead ? own.map((last, slot) => Math.max(last, this.reader.readTo(slot) - 1)) : own;
  }

  #isBehind(ends: readonly number[]): boolean {
    const passed = this.#passed();
    return ends.some((end, slot) => (passed[slot] ?? -1) < end - 1);
  }

  #goBack(restarts: ReadonlyMap<number, number>): void {
    const own = [...(this.#own ?? this.#reached)];
    for (const [slot, last] of restarts) own[slot] = last;
    this.#restarts = undefined;
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
    const gaps = this.#gaps ?? [];
    this.#gaps = undefined;
    for (const gap of gaps) this.onGap?.(gap);
  }

  /** Resolves when there is something new. @throws SluiceError why nothing more will come */
  async #woken(): Promise<void> {
    if (this.reader.failure !== undefined) throw this.reader.failure;
    this.#wakeUp ??= new WakeUp();
    await this.#wakeUp.wait();
    if (this.reader.failure !== undefined) throw this.reader.failure;
  }
}
