import type { GapNotice, SluiceError } from '@sluice/core';
import type { TopicPartition } from './partition-table.js';
import type { RecordMessage } from './record.js';

/** A partition and the next offset to read, or to record. */
export interface Position extends TopicPartition {
  readonly offset: number;
}

/** Where a log begins anew (`offset`), and the offset that was expected next (`expected`). */
export interface Restart extends Position {
  readonly expected: number;
}

/** What a consumer tells its owner, from the event loop, in order within a partition. */
export interface ConsumerListener {
  /** At least one record; all that arrived in one turn of the event loop. */
  onRecords(records: readonly RecordMessage[]): void;
  /** A partition has been read up to this next offset, which may lie behind its last record (markers, compaction). */
  onEnd(position: Position): void;
  /** Records were gone before they were read: retention was faster. Called before the records that follow. */
  onGap(gap: GapNotice): void;
  /**
   * A partition's log begins anew at an offset that was read already: its topic was deleted and made again, or its end
   * was cut off. Called before the records that follow.
   */
  onRestart?(restart: Restart): void;
  /**
   * The group's coordinator gives or takes partitions; answer with `assign` or `unassign`, or with `add` or `remove`
   * where it does so one by one.
   */
  onRebalance?(kind: 'assign' | 'revoke', partitions: readonly TopicPartition[]): void;
  /** A permission is missing or the client is beyond repair: nothing more will come. */
  onFatal(error: SluiceError): void;
}
