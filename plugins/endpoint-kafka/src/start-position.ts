import { type GapNotice, SluiceError } from '@sluice/core';
import type { Cluster, Watermarks } from './cluster.js';
import type { KafkaConsumerConfig } from './config.js';
import type { Consumer } from './consumer.js';
import type { CursorEntry } from './cursor.js';
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

/** Puts a client's cursor into slots. @throws SluiceError `INVALID_CURSOR` when it names what the reader does not have */
export function cursorSlots(
  table: PartitionTable,
  entries: readonly CursorEntry[],
): ReadonlyMap<number, number> {
  const slots = new Map<number, number>();
  for (const { topic, partition, last } of entries) {
    const slot = table.slot(topic, partition);
    if (slot === undefined) {
      const message = `The cursor is not valid: this API has no ${keyOf({ topic, partition })}`;
      throw new SluiceError('INVALID_CURSOR', { message });
    }
    slots.set(slot, last);
  }
  return slots;
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
