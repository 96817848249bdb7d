import type { Metrics, Reading } from '@sluice/core';
import { GroupReader } from '../group-reader.js';
import type { RecordProducer } from '../producer.js';
import type { Readers } from '../readers.js';
import type { ReplayPool } from '../replay-pool.js';
import { SharedReader } from '../shared-reader.js';
import type { Stalls } from '../stalls.js';
import { KAFKA_METRICS } from './metrics-table.js';

/** The parts of a connection that tell of themselves. */
export interface WatchedConnection {
  /** The bootstrap servers, as they are written. */
  readonly cluster: string;
  readonly producer: RecordProducer;
  readonly readers: Readers;
  readonly replays: ReplayPool;
  readonly stalls: Stalls;
}

/** Offers what a connection tells when metrics are collected. Returns the call that ends it. */
export function watchConnection(metrics: Metrics, watched: WatchedConnection): () => void {
  const cluster = metrics.bounded('cluster', watched.cluster);
  const { producer, readers, replays, stalls } = watched;
  const shared = () => readers.opened.filter((reader) => reader instanceof SharedReader);
  const groups = () => readers.opened.filter((reader) => reader instanceof GroupReader);
  const topicOf = (topic: string) => metrics.bounded('topic', topic);
  const ends = [
    metrics.gauge(KAFKA_METRICS.queue, () => [{ labels: { cluster }, value: producer.inFlight }]),
    metrics.gauge(KAFKA_METRICS.replays, () => [
      { labels: { cluster, state: 'running' }, value: replays.running },
      { labels: { cluster, state: 'waiting' }, value: replays.waiting },
    ]),
    metrics.gauge(KAFKA_METRICS.stalled, () => [{ labels: { cluster }, value: stalls.partitions.length }]),
    metrics.gauge(KAFKA_METRICS.renewals, () => [{ labels: { cluster }, value: stalls.renewals }]),
    metrics.gauge(KAFKA_METRICS.consumers, () => [
      { labels: { cluster, reader: 'shared' }, value: shared().length },
      { labels: { cluster, reader: 'group' }, value: groups().length },
    ]),
    metrics.gauge(KAFKA_METRICS.ring, () =>
      shared().map(({ topics, ring }) => ({
        labels: { topic: topicOf(topics.join(',')) },
        value: ring.bytes,
      })),
    ),
    metrics.gauge(KAFKA_METRICS.readerLag, () =>
      shared().flatMap((reader) =>
        [...reader.lag()].map(([topic, value]) => ({ labels: { topic: topicOf(topic) }, value })),
      ),
    ),
    metrics.gauge(KAFKA_METRICS.lag, async () => {
      const read = groups().map(async (reader): Promise<readonly Reading[]> => {
        const group = reader.label === undefined ? OTHER : metrics.bounded('group', reader.label);
        const lags = await reader.lag();
        return [...lags].map(([topic, value]) => ({ labels: { group, topic: topicOf(topic) }, value }));
      });
      // A group whose brokers do not answer is left out: the others are known.
      const settled = await Promise.allSettled(read);
      return settled.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** Groups that a client has a say in are told together. */
const OTHER = '_other';
