import { type GapNotice, SluiceError } from '@sluice/core';
import type { Cluster, Watermarks } from './cluster.js';
import type { KafkaConsumerConfig } from './config.js';
import type { Consumer } from './consumer.js';
import type { ParsedCursor } from './cursor.js';
import { isEmbeddedCluster } from './embedded-addresses.js';
import { keyOf, type PartitionTable, type TopicPartition } from './partition-table.js';

/** Where one partition starts when nothing says otherwise. @throws SluiceError `NO_INITIAL_OFFSET` */
export function resetPosition(reset: KafkaConsumerConfig['autoOffsetReset'], marks: Watermarks): number {
  if (reset === 'none') throw new SluiceError('NO_INITIAL_OFFSET');
  return (reset === 'earliest' ? marks.low : marks.high) - 1;
}

/**
 * The last offset received, as a client or a group recorded it, checked against what the partition holds now. What
 * retention has removed since is told as a gap.
 * @throws SluiceError `CURSOR_EXPIRED` when `autoOffsetReset` is `none`, `INVALID_CURSOR` when it lies in the future
 */
export function checkedPosition(
  partition: TopicPartition,
  last: number,
  marks: Watermarks,
  reset: KafkaConsumerConfig['autoOffsetReset'],
  onGap: (gap: GapNotice) => void,
): number {
  if (last >= marks.high) {
    const message = `The cursor is not valid: ${keyOf(partition)} ends at ${marks.high - 1}`;
    throw new SluiceError('INVALID_CURSOR', { message });
  }
  if (last + 1 >= marks.low) return last;
  if (reset === 'none') throw new SluiceError('CURSOR_EXPIRED');
  const start = resetPosition(reset, marks);
  onGap({ key: 'CURSOR_EXPIRED', source: keyOf(partition), from: last + 1, to: start + 1 });
  return start;
}

/** A client's cursor, held against the partitions of a reader. */
export interface GivenCursor {
  /** The last offset received, by slot. */
  readonly slots: ReadonlyMap<number, number>;
  /**
   * Slots that the cursor does not name because they are new: cursors that are issued name all partitions of a topic
   * without a hole, so one behind the last named has been added since, and so has a further topic of a pattern. Nothing of
   * these was received. Any other that is not named was left out by whoever wrote the cursor, as in the id of a record.
   */
  readonly added: ReadonlySet<number>;
}

/**
 * Puts a client's cursor into slots.
 * @param topics those that are read by name
 * @throws SluiceError `INVALID_CURSOR` when it names what the reader does not have
 */
export function givenCursor(
  table: PartitionTable,
  topics: readonly string[],
  { entries, isPartial }: ParsedCursor,
): GivenCursor {
  const slots = new Map<number, number>();
  const named = new Map<string, Set<number>>();
  for (const { topic, partition, last } of entries) {
    named.set(topic, (named.get(topic) ?? new Set()).add(partition));
    const slot = table.slot(topic, partition);
    if (slot !== undefined) slots.set(slot, last);
    else if (last >= 0 || !table.missing.includes(topic)) {
      const message = `The cursor is not valid: this API has no ${keyOf({ topic, partition })}`;
      throw new SluiceError('INVALID_CURSOR', { message });
    }
  }
  const isAdded = ({ topic, partition }: TopicPartition) => {
    if (isPartial) return false;
    const partitions = named.get(topic);
    if (partitions === undefined) return !topics.includes(topic);
    return !partitions.has(partition) && partitions.has(partitions.size - 1) && partition >= partitions.size;
  };
  const added = new Set<number>();
  table.partitions.forEach((partition, slot) => {
    if (isAdded(partition)) added.add(slot);
  });
  return { slots, added };
}

/**
 * The progress that a client's cursor stands for. Of a partition that it should have named and does not, it is that of
 * `otherwise`, and the client is told where that is when there are records before it.
 * @throws SluiceError `CURSOR_EXPIRED`, `INVALID_CURSOR`, what `otherwise` throws
 */
export function progressOf(
  { slots, added }: GivenCursor,
  table: PartitionTable,
  marks: readonly Watermarks[],
  options: {
    readonly reset: KafkaConsumerConfig['autoOffsetReset'];
    readonly otherwise: (slot: number, mark: Watermarks) => number;
    readonly onGap: (gap: GapNotice) => void;
  },
): readonly number[] {
  return marks.map((mark, slot) => {
    const partition = table.at(slot);
    const last = slots.get(slot);
    if (last !== undefined) return checkedPosition(partition, last, mark, options.reset, options.onGap);
    if (added.has(slot)) return mark.low - 1;
    const start = options.otherwise(slot, mark);
    if (start >= mark.low) {
      const source = keyOf(partition);
      options.onGap({ key: 'CURSOR_INCOMPLETE', source, from: mark.low, to: start + 1 });
    }
    return start;
  });
}

/**
 * The positions before the first records that are stored at a time or later; the end of a partition that has none.
 * @param consumer the reader's own, undefined while it has none
 * @param marks asked for before: what is written meanwhile is then read
 * @throws SluiceError `ENDPOINT_UNAVAILABLE`, `START_TIME_UNSUPPORTED` of the embedded cluster
 */
export async function positionsSince(
  consumer: Consumer | undefined,
  bootstrapServers: string,
  table: PartitionTable,
  marks: readonly Watermarks[],
  since: number,
): Promise<readonly number[]> {
  // It answers every question for a time as if nothing were stored after it.
  if (isEmbeddedCluster(bootstrapServers)) throw new SluiceError('START_TIME_UNSUPPORTED');
  if (consumer === undefined) throw new SluiceError('ENDPOINT_UNAVAILABLE');
  const found = await consumer.offsets.firstSince(table.partitions, since);
  const offsets = new Map(found.map((each) => [keyOf(each), each.offset]));
  return marks.map((mark, slot) => (offsets.get(keyOf(table.at(slot))) ?? mark.high) - 1);
}

/** The watermarks of every partition of a table, by slot. @throws SluiceError `ENDPOINT_UNAVAILABLE` */
export async function allWatermarks(cluster: Cluster, table: PartitionTable): Promise<readonly Watermarks[]> {
  return await Promise.all(
    table.partitions.map(({ topic, partition }) => cluster.watermarks(topic, partition)),
  );
}
