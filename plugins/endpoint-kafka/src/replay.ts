import type { GapNotice, SluiceError } from '@sluice/core';
import { Consumer, type Position } from './consumer.js';
import type { PartitionTable, Progress } from './partition-table.js';
import type { ReaderParts } from './reader-parts.js';
import type { RecordMessage } from './record.js';
import { RecordQueue } from './record-queue.js';
import { WakeUp } from './signal.js';

const MAX_BATCH = 500;
const BOUNDS = { maxRecords: 2000, maxBytes: 4 * 1024 * 1024 };
const QUEUED_KBYTES = 4096;

/** What one step of a replay brought. */
export interface ReplayStep {
  /** In order within each partition; may be empty when only progress over removed records was made. */
  readonly records: readonly RecordMessage[];
  /** Progress after these records. */
  readonly progress: Progress;
  /** Records that were gone; they lie before `records`. */
  readonly gaps: readonly GapNotice[];
}

/**
 * Reads partitions from a given progress on, by a consumer of its own, without a group, for as long as it is pulled.
 * It reads ahead within bounds, and pauses at them.
 * @param options.slots which partitions; all when absent
 * @param options.signal ends it, also while it waits for records
 * @throws SluiceError `ENDPOINT_UNAVAILABLE`, `SUBSCRIBE_FAILED`, `TOO_MANY_CONSUMERS`
 */
export async function* replay(
  parts: ReaderParts,
  table: PartitionTable,
  start: Progress,
  options: { readonly slots?: readonly number[]; readonly signal: AbortSignal },
): AsyncGenerator<ReplayStep, void, void> {
  const { slots = table.order, signal } = options;
  const queue = new RecordQueue(BOUNDS);
  const ends = new Map<number, number>();
  const wakeUp = new WakeUp();
  const progress = [...start];
  let gaps: GapNotice[] = [];
  let failure: SluiceError | undefined;
  let paused = false;
  const partitions = slots.map((slot) => table.at(slot));

  const release = await parts.replays.take(signal);
  if (release === undefined) return;
  const consumer = await Consumer.open(
    parts.config,
    parts.shared,
    {
      onRecords: (records) => {
        queue.push(records);
        if (queue.full && !paused) {
          paused = true;
          consumer.pause(partitions);
        }
        wakeUp.wake();
      },
      onEnd: ({ topic, partition, offset }: Position) => {
        const slot = table.slot(topic, partition);
        if (slot !== undefined) ends.set(slot, offset - 1);
        wakeUp.wake();
      },
      onGap: (gap) => gaps.push(gap),
      onFatal: (error) => {
        failure = error;
        wakeUp.wake();
      },
    },
    parts.log,
    { queuedKbytes: QUEUED_KBYTES },
  ).catch((error: unknown) => {
    release();
    throw error;
  });
  const stop = () => wakeUp.wake();
  signal.addEventListener('abort', stop);
  try {
    consumer.assign(slots.map((slot) => ({ ...table.at(slot), offset: (progress[slot] ?? -1) + 1 })));
    while (!signal.aborted) {
      if (failure !== undefined) throw failure;
      const records = queue.take(MAX_BATCH);
      for (const record of records) progress[table.add(record.topic, record.partition)] = record.offset;
      if (paused && queue.low) {
        paused = false;
        consumer.resume(partitions);
      }
      // The end of a partition was reached behind every record of it, so only with all of them handed out.
      if (queue.length === 0) {
        for (const [slot, last] of ends) progress[slot] = Math.max(progress[slot] ?? -1, last);
        ends.clear();
      }
      const told = gaps;
      gaps = [];
      yield { records, progress: [...progress], gaps: told };
      if (queue.length === 0 && ends.size === 0) await wakeUp.wait();
    }
  } finally {
    signal.removeEventListener('abort', stop);
    await consumer.close();
    release();
  }
}
