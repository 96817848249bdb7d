import type { ConfigSchema } from '@sluice/core';
import { choice, flag, integer, section, text, topics } from './schema-parts.js';
import type { KafkaSecurity } from './security/config.js';
import { SECURITY_SCHEMA } from './security/schema.js';

/** `configuration` of a `kafka` endpoint. */
export interface KafkaConfig {
  /** Comma-separated `host:port` pairs to find the cluster by. */
  readonly bootstrapServers: string;
}

/** `sharedConfiguration` of a group, or `sharedConfigurationOverride` of an endpoint. */
export interface KafkaSharedConfig {
  /**
   * What a request may come to by expressions and attributes: names, or prefixes that end in `*`. Absent: every
   * topic but Kafka's own, whose names begin with `__`.
   */
  readonly allowedTopics?: readonly string[];
  readonly security: KafkaSecurity;
  readonly producer: KafkaProducerConfig;
  readonly consumer: KafkaConsumerConfig;
}

/** The publishing side. */
export interface KafkaProducerConfig {
  readonly enabled: boolean;
  /** Every message goes to each of them. */
  readonly topics: readonly string[];
  readonly compressionType: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  /** The key of every record; absent means none, which spreads records over the partitions. */
  readonly key?: string;
  /** A record that is not acknowledged by then is answered 503. */
  readonly deliveryTimeoutMs: number;
  /** Records waiting for the broker; above it a publish is answered 503. */
  readonly maxQueuedMessages: number;
  /** As `maxQueuedMessages`, in KiB of records. */
  readonly maxQueuedKbytes: number;
}

/** The reading side. */
export interface KafkaConsumerConfig {
  readonly enabled: boolean;
  readonly topics: readonly string[];
  /** Whether ids and cursors are base64. */
  readonly encodeMessageId: boolean;
  readonly autoOffsetReset: 'latest' | 'earliest' | 'none';
  readonly checkTopicExistence: boolean;
  /** Strips the five bytes that a Confluent serializer puts before a value. */
  readonly removeConfluentHeader: boolean;
  /** Open Kafka consumers of this endpoint; above it a subscription is answered 503. */
  readonly maxConsumers: number;
  /** How often group offsets are recorded under the levels that record them periodically. */
  readonly commitIntervalMs: number;
  /** After how long without a sign of life the group gives a dead gateway's partitions to others. */
  readonly sessionTimeoutMs: number;
}

/** JSON Schema of {@link KafkaConfig}. */
export const KAFKA_SCHEMA: ConfigSchema = section(
  {
    bootstrapServers: {
      type: 'string',
      pattern: '^\\s*[^\\s,:]+(:\\d{1,5})?(\\s*,\\s*[^\\s,:]+(:\\d{1,5})?)*\\s*$',
      description: 'Comma-separated host:port pairs to find the cluster by.',
    },
  },
  { required: ['bootstrapServers'] },
);

/** JSON Schema of {@link KafkaSharedConfig}. */
export const KAFKA_SHARED_SCHEMA: ConfigSchema = section({
  allowedTopics: {
    type: 'array',
    items: { type: 'string', pattern: '^[A-Za-z0-9._-]{0,249}\\*?$' },
    description:
      "The topics that a request may come to by expressions and attributes: names, or prefixes that end in `*`. Without it every topic but Kafka's own, whose names begin with `__`. Topics written in the definition need not be on it.",
  },
  security: SECURITY_SCHEMA,
  producer: section(
    {
      enabled: flag(false, 'Whether messages can be published.'),
      topics: topics('Every message goes to each of them.'),
      compressionType: choice(
        ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
        'none',
        'How records are compressed.',
      ),
      key: text('The key of every record; without it records are spread over the partitions.'),
      deliveryTimeoutMs: integer(
        10_000,
        100,
        600_000,
        'A record that is not acknowledged by then is answered 503; it may or may not be stored. Milliseconds.',
      ),
      maxQueuedMessages: integer(
        100_000,
        1,
        10_000_000,
        'Records waiting for the broker; above it a publish is answered 503.',
      ),
      maxQueuedKbytes: integer(65_536, 1, 2_097_151, 'As maxQueuedMessages, in KiB of records.'),
    },
    { default: {} },
  ),
  consumer: section(
    {
      enabled: flag(false, 'Whether messages can be read.'),
      topics: topics('The topics that are read.'),
      topicPattern: text('A regular expression of topics to read.'),
      encodeMessageId: flag(true, 'Whether ids and cursors are base64.'),
      autoOffsetReset: choice(
        ['latest', 'earliest', 'none'],
        'latest',
        'Where reading starts without a cursor or a recorded offset, or with one that has expired.',
      ),
      checkTopicExistence: flag(false, 'Whether a subscription fails when a topic does not exist yet.'),
      removeConfluentHeader: flag(
        false,
        'Strips the five bytes that a Confluent serializer puts before a value.',
      ),
      maxConsumers: integer(
        64,
        1,
        10_000,
        'Open Kafka consumers of this endpoint; above it a subscription is answered 503. One costs about five threads.',
      ),
      commitIntervalMs: integer(
        1000,
        10,
        600_000,
        'How often group offsets are recorded, but for at-most-once, which records before it hands out. Milliseconds.',
      ),
      sessionTimeoutMs: integer(
        10_000,
        1000,
        3_600_000,
        "After how long without a sign of life the group gives a dead gateway's partitions to others. Milliseconds.",
      ),
    },
    { default: {} },
  ),
});
