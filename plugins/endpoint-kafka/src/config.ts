import type { KafkaSecurity } from './security/config.js';

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
  /** Client ids are this, the role and a random part. */
  readonly clientIdPrefix: string;
  readonly connection: KafkaConnectionConfig;
  /** How often clients write their statistics; 0 means never. */
  readonly statisticsIntervalMs: number;
  readonly security: KafkaSecurity;
  readonly producer: KafkaProducerConfig;
  readonly consumer: KafkaConsumerConfig;
}

/** How connections are made and kept; what is absent is librdkafka's default. */
export interface KafkaConnectionConfig {
  readonly setupTimeoutMs?: number;
  readonly socketTimeoutMs?: number;
  readonly maxIdleMs?: number;
  readonly reconnectBackoffMs: number;
  readonly reconnectBackoffMaxMs: number;
}

/** How a record's partition is chosen. */
export type Partitioner = 'murmur2' | 'random' | 'roundRobin' | 'fnv1a' | 'fnv1aStandard';

/** Which headers of a message become headers of its record. Names, or prefixes that end in `*`, without case. */
export interface KafkaHeaderRules {
  /** Absent: all of them. */
  readonly allow?: readonly string[];
  /** Wins over `allow`. */
  readonly deny?: readonly string[];
  /** New names by old ones. */
  readonly rename?: Readonly<Record<string, string>>;
}

/** The publishing side. */
export interface KafkaProducerConfig {
  readonly enabled: boolean;
  /** Every message goes to each of them. */
  readonly topics: readonly string[];
  readonly compressionType: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  readonly compressionLevel?: number;
  /** The key of every record; absent means none, which spreads records over the partitions. */
  readonly key?: string;
  /** The header whose value is the key. */
  readonly keyHeader?: string;
  readonly headers?: KafkaHeaderRules;
  readonly partitioner: Partitioner;
  readonly acks: 'all' | '1' | '0';
  /** Absent: true with acks `all`. */
  readonly idempotent?: boolean;
  readonly retries?: number;
  readonly retryBackoffMs?: number;
  readonly requestTimeoutMs?: number;
  readonly maxMessageBytes: number;
  readonly lingerMs: number;
  readonly batchMaxMessages?: number;
  readonly batchMaxBytes?: number;
  /** Whether a publish is answered once it is queued here, before the broker has it. */
  readonly buffered: boolean;
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
  /** A Java regular expression of topics, in place of `topics`. */
  readonly topicPattern?: string;
  /** Other spellings of `topicPattern`. */
  readonly topicsPattern?: string;
  readonly 'topics.pattern'?: string;
  /** The group of every client that no attribute gives another. */
  readonly groupId?: string;
  /** Makes the group's member a static one (KIP-345). */
  readonly instanceId?: string;
  readonly isolationLevel: 'read_committed' | 'read_uncommitted';
  /** In the order they are offered. */
  readonly assignmentStrategies: readonly ('range' | 'roundrobin' | 'cooperative-sticky')[];
  /** Who spreads the partitions: the members (`classic`), or the broker (`consumer`, KIP-848). */
  readonly groupProtocol: 'classic' | 'consumer';
  /** Of the broker, with `groupProtocol` `consumer`; absent means its own choice. */
  readonly remoteAssignor?: string;
  readonly heartbeatIntervalMs?: number;
  readonly rebalanceTimeoutMs?: number;
  readonly fetchMinBytes?: number;
  readonly fetchMaxBytes?: number;
  readonly fetchMaxPartitionBytes?: number;
  readonly fetchMaxWaitMs?: number;
  readonly rack?: string;
  /** A header that is added with the record's key as its value. */
  readonly keyHeader?: string;
  /** Whether ids and cursors are base64. */
  readonly encodeMessageId: boolean;
  readonly autoOffsetReset: 'latest' | 'earliest' | 'none';
  readonly checkTopicExistence: boolean;
  /** Strips the five bytes that a Confluent serializer puts before a value. */
  readonly removeConfluentHeader: boolean;
  /** Open Kafka consumers of this endpoint; above it a subscription is answered 503. */
  readonly maxConsumers: number;
  /** Those of one client; a quarter of `maxConsumers` when absent. */
  readonly maxConsumersPerClient?: number;
  /** Those of one API while others share the connection; three quarters of `maxConsumers` when absent. */
  readonly maxConsumersPerApi?: number;
  /** How often group offsets are recorded under the levels that record them periodically. */
  readonly commitIntervalMs: number;
  /** After how long without a sign of life the group gives a dead gateway's partitions to others. */
  readonly sessionTimeoutMs: number;
}

/** The spellings of `topicPattern`. */
export const PATTERN_NAMES = ['topicPattern', 'topicsPattern', 'topics.pattern'] as const;

/** The pattern of topics to read, in whichever spelling; undefined when topics are listed. */
export function topicPatternOf(consumer: KafkaConsumerConfig): string | undefined {
  return consumer.topicPattern ?? consumer.topicsPattern ?? consumer['topics.pattern'];
}
