import type { GapNotice } from '@sluice/core';
import { Handout } from './handout.js';
import type { TopicPartition } from './partition-table.js';
import type { RecordMessage } from './record.js';
import { type QueueBounds, RecordQueue } from './record-queue.js';

/** Who a lane's records are handed to. */
export interface LaneOwner {
  /** There is something new in one of its lanes. */
  wake(): void;
  /** Records of one of its lanes were gone before they were read. */
  tell(gap: GapNotice): void;
  /** The lane is its own no more. */
  lost(lane: Lane): void;
}

/** Of all lanes of a reader together, a small one each at least. */
const BOUNDS = { maxRecords: 1000, maxBytes: 4 * 1024 * 1024, leastBytes: 256 * 1024 };

/** What may wait in a lane, where so many share the bound. */
function boundsOf(lanes: number): QueueBounds {
  const { maxRecords, maxBytes, leastBytes } = BOUNDS;
  return { maxRecords, maxBytes: Math.max(leastBytes, Math.floor(maxBytes / Math.max(1, lanes))) };
}

/**
 * One partition that the group has given to this process. One subscription at a time owns it, so that its order
 * holds; what the owner has not settled goes to the next owner, in order.
 */
export class Lane implements TopicPartition {
  readonly queue: RecordQueue;
  owner: LaneOwner | undefined;
  paused = false;
  /** False once the partition was taken away: nothing of it is put back or recorded any more. */
  live = true;
  /** While what was taken is being recorded: nothing else may be taken, or it could overtake. */
  busy = false;
  #handout: Handout;
  /** Everything before it is settled by owners that it had before. */
  #settled: number;
  /** The partition has been read up to here, which may lie behind its last record: markers, aborted records. */
  #end: number;
  #recorded: number;

  /**
   * @param slot in the reader's table
   * @param next the first offset that will be read
   * @param redelivers whether unsettled records are handed out again (at-least-once)
   * @param lanes how many share the bound of what may wait
   */
  constructor(
    readonly topic: string,
    readonly partition: number,
    readonly slot: number,
    next: number,
    private readonly redelivers: boolean,
    lanes = 1,
  ) {
    this.queue = new RecordQueue(boundsOf(lanes));
    this.#handout = new Handout(next);
    this.#settled = next;
    this.#end = next;
    this.#recorded = next;
  }

  /** What its owner has been handed of it. */
  get handout(): Handout {
    return this.#handout;
  }

  /** The next offset that its owner has not been handed. */
  get next(): number {
    return this.queue.oldest?.offset ?? this.#handout.next;
  }

  /** The next offset to record for the group; undefined when the recorded one is as far. */
  get toRecord(): number | undefined {
    if (this.busy) return undefined;
    const { tracker, next: handedOut } = this.#handout;
    const next = this.redelivers ? Math.max(this.#settled, tracker.committable ?? -1) : handedOut;
    return next === this.#recorded ? undefined : next;
  }

  /** Remembers what the group has recorded. */
  recorded(next: number): void {
    this.#recorded = next;
  }

  /** Puts a record that was read behind the others. */
  push(record: RecordMessage): void {
    this.queue.push([record]);
  }

  /** The partition has been read up to this offset, and holds nothing more for now. */
  reachEnd(next: number): void {
    this.#end = Math.max(this.#end, next);
    this.#passEnd();
  }

  /**
   * Continues what its owner was handed before the lane was taken from it, unless somebody else has got further.
   * Returns whether it does.
   */
  adopt(before: Handout): boolean {
    if (before.next < this.next) return false;
    if (this.redelivers) before.tracker.settleBelow(this.next);
    this.#drop(before.next);
    this.#handout = before;
    this.#passEnd();
    return true;
  }

  /** Hands out at most `count` of the oldest records, of at most `maxBytes` together, but at least one. */
  take(count: number, maxBytes?: number): readonly RecordMessage[] {
    const records = this.queue.take(count, maxBytes);
    const last = records.at(-1);
    if (last === undefined) return records;
    this.#handout.next = last.offset + 1;
    if (this.redelivers) for (const record of records) this.#handout.tracker.track(record);
    this.#passEnd();
    return records;
  }

  /** Leaves out what lies before an offset, as if it had been handed out and settled. */
  skipTo(next: number): void {
    this.#drop(next);
    if (next <= this.#handout.next) return;
    this.#handout.next = next;
    if (this.redelivers) this.#handout.tracker.skipTo(next);
  }

  /** Its owner has got a record. */
  ack(record: RecordMessage): void {
    this.#handout.ack(record);
    this.#passEnd();
  }

  /** Puts a record and everything after it back in front of the queue. */
  nack(record: RecordMessage): void {
    this.putBack(this.#handout.nack(record));
  }

  /** Takes it from its owner: what is not settled will be handed out again, where the level says so. */
  release(): void {
    this.owner = undefined;
    const { tracker, next } = this.#handout;
    this.#settled = Math.max(this.#settled, tracker.committable ?? -1);
    const again = this.redelivers ? tracker.unpassed : [];
    this.queue.unshift(again);
    this.#handout = new Handout(again[0]?.offset ?? next);
  }

  /** Puts the records handed out last back in front of the queue. */
  putBack(records: readonly RecordMessage[]): void {
    const first = records[0];
    if (first === undefined) return;
    this.queue.unshift(records);
    this.#handout.next = first.offset;
  }

  #drop(next: number): void {
    while ((this.queue.oldest?.offset ?? next) < next) this.queue.take(1);
  }

  /** With nothing left to hand out, what lies between the last record and the end counts as handed out and settled. */
  #passEnd(): void {
    if (this.queue.length > 0) return;
    if (this.#end > this.#handout.next) this.#handout.next = this.#end;
    if (this.redelivers) this.#handout.tracker.skipTo(this.#handout.next);
  }
}
