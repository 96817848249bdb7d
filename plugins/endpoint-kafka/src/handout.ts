import { OffsetTracker } from './offset-tracker.js';
import type { RecordMessage } from './record.js';

/**
 * What one connection has been handed of one partition. It outlives the lane: a partition that the group takes away and
 * gives back continues where its client is, whatever the group had recorded meanwhile.
 */
export class Handout {
  readonly tracker = new OffsetTracker();

  /** @param next the offset that follows what was handed out */
  constructor(public next: number) {}

  /** Settles a record that its client has. */
  ack(record: RecordMessage): void {
    this.tracker.settle(record);
  }

  /**
   * Takes back a record and all after it, and returns them in order: they are to be handed out again. Nothing when it does
   * not wait for being settled (any more).
   */
  nack(record: RecordMessage): readonly RecordMessage[] {
    if (!this.tracker.awaits(record)) return [];
    const again = this.tracker.rewind(record.offset);
    this.next = again[0]?.offset ?? this.next;
    return again;
  }
}
