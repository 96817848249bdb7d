import type { GapNotice } from '@sluice/core';
import { OffsetTracker } from './offset-tracker.js';
import type { TopicPartition } from './partition-table.js';
import type { RecordMessage } from './record.js';
import { RecordQueue } from './record-queue.js';

/** Who a lane's records are handed to. */
export interface LaneOwner {
  /** There is something new in one of its lanes. */
  wake(): void;
  /** Records of one of its lanes were gone before they were read. */
  tell(gap: GapNotice): void;
  /** The lane is its own no more. */
  lost(lane: Lane): void;
}

const BOUNDS = { maxRecords: 1000, maxBytes: 2 * 1024 * 1024 };

/**
 * One partition that the group has given to this process. One subscription at a time owns it, so that its order
 * holds; what the owner has not settled goes to the next owner, in order.
 */
export class Lane implements TopicPartition {
  readonly queue = new RecordQueue(BOUNDS);
  owner: LaneOwner | undefined;
  paused = false;
  /** False once the partition was taken away: from then on its acknowledgements do nothing. */
  live = true;
  #tracker = new OffsetTracker();
  #handedOut: number;
  #recorded: number;

  /**
   * @param slot in the reader's table
   * @param next the first offset that will be read
   * @param redelivers whether unsettled records are handed out again (at-least-once)
   */
  constructor(
    readonly topic: string,
    readonly partition: number,
    readonly slot: number,
    next: number,
    private readonly redelivers: boolean,
  ) {
    this.#handedOut = next;
    this.#recorded = next;
  }

  /** The next offset that its owner has not been handed. */
  get next(): number {
    return this.queue.oldest?.offset ?? this.#handedOut;
  }

  /** The next offset to record for the group; undefined when the recorded one is as far. */
  get toRecord(): number | undefined {
    const next = this.redelivers ? this.#tracker.committable : this.#handedOut;
    return next === undefined || next === this.#recorded ? undefined : next;
  }

  /** Remembers what the group has recorded. */
  recorded(next: number): void {
    this.#recorded = next;
  }

  /** Hands out at most `count` of the oldest records, of at most `maxBytes` together, but at least one. */
  take(count: number, maxBytes?: number): readonly RecordMessage[] {
    const records = this.queue.take(count, maxBytes);
    const last = records.at(-1);
    if (last === undefined) return records;
    this.#handedOut = last.offset + 1;
    if (this.redelivers) for (const record of records) this.#tracker.track(record);
    return records;
  }

  /** Leaves out what lies before an offset, as if it had been handed out and settled. */
  skipTo(next: number): void {
    while ((this.queue.oldest?.offset ?? next) < next) this.queue.take(1);
    if (next <= this.#handedOut) return;
    this.#handedOut = next;
    if (this.redelivers) this.#tracker.skipTo(next);
  }

  ack(record: RecordMessage): void {
    if (this.live && this.redelivers) this.#tracker.settle(record);
  }

  /** Puts a record and everything after it back in front of the queue. */
  nack(record: RecordMessage): void {
    if (this.live && this.redelivers) this.putBack(this.#tracker.rewind(record.offset));
  }

  /** Takes it from its owner: what is not settled will be handed out again, where the level says so. */
  release(): void {
    this.owner = undefined;
    if (this.redelivers) this.putBack(this.#tracker.rewindAll());
  }

  /** Puts the records handed out last back in front of the queue. */
  putBack(records: readonly RecordMessage[]): void {
    const first = records[0];
    if (first === undefined) return;
    this.queue.unshift(records);
    this.#handedOut = first.offset;
  }
}
