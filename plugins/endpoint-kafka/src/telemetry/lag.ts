import type { Consumer } from '../consumer.js';
import type { Position } from '../consumer-listener.js';
import { keyOf } from '../partition-table.js';

/** A partition and where its reader is, as far as lag goes. */
export interface LagPosition extends Position {
  /** librdkafka fetches nothing of it, so what it knows of the end is old. */
  readonly paused: boolean;
}

/**
 * Records between positions and the ends of their partitions, by topic. The ends are those that came with the last
 * fetches; of partitions that are paused the brokers are asked, all at once.
 * @throws SluiceError `ENDPOINT_UNAVAILABLE`: then no number would be right
 */
export async function lagOf(
  consumer: Consumer,
  positions: readonly LagPosition[],
): Promise<ReadonlyMap<string, number>> {
  const asked = await consumer.offsets.ends(positions.filter(({ paused }) => paused));
  const ends = new Map(asked.map((end) => [keyOf(end), end.offset]));
  return sumByTopic(
    positions.map((position) => ({
      topic: position.topic,
      lag:
        (ends.get(keyOf(position)) ?? consumer.offsets.knownEnd(position) ?? position.offset) -
        position.offset,
    })),
  );
}

/** Lag by topic; one that is less than nothing, because the end is from before the position, is none. */
export function sumByTopic(
  lags: readonly { readonly topic: string; readonly lag: number }[],
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { topic, lag } of lags) sums.set(topic, (sums.get(topic) ?? 0) + Math.max(0, lag));
  return sums;
}
