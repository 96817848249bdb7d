import type { MetricSpec } from '@sluice/core';

const gauge = (name: string, unit: string, labels: readonly string[], description: string) =>
  ({ name, kind: 'gauge', unit, labels, description }) satisfies MetricSpec;

/** What Kafka endpoints tell beside what every endpoint does. */
export const KAFKA_METRICS = {
  lag: gauge(
    'kafka.consumer_group.lag_sum',
    '{record}',
    ['group', 'topic'],
    'Records behind what a group has recorded, over the partitions this gateway reads for it. Add up the gateways of a group.',
  ),
  readerLag: gauge(
    'sluice.kafka.reader.lag',
    '{record}',
    ['topic'],
    'Records that a shared reader has not read yet.',
  ),
  ring: gauge('sluice.kafka.ring.size', 'By', ['topic'], 'What shared readers keep of what they read last.'),
  consumers: gauge(
    'sluice.kafka.consumers',
    '{consumer}',
    ['cluster', 'reader'],
    'Readers that are open, shared by streams (`shared`) or of a group (`group`).',
  ),
  replays: gauge(
    'sluice.kafka.replays',
    '{replay}',
    ['cluster', 'state'],
    'Clients that read what is no longer at hand, by a consumer of their own (`running`) or in line for one (`waiting`).',
  ),
  stalled: gauge(
    'sluice.kafka.reader.stalled',
    '{partition}',
    ['cluster'],
    'Partitions that hold records and of which a reader with room has got none for half a minute.',
  ),
  renewals: gauge(
    'sluice.kafka.reader.renewals',
    '{renewal}',
    ['cluster'],
    'How often a reader was renewed because it had stalled, since the gateway started.',
  ),
  queue: gauge(
    'sluice.kafka.producer.queue',
    '{record}',
    ['cluster'],
    'Records on their way to the brokers, not acknowledged yet.',
  ),
} as const satisfies Readonly<Record<string, MetricSpec>>;
