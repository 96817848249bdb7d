import type {
  ConsumerGlobalConfig,
  ConsumerTopicConfig,
  ProducerGlobalConfig,
  ProducerTopicConfig,
} from 'node-rdkafka';
import { readBootstrapServers } from './bootstrap-servers.js';
import type { KafkaConfig, KafkaConsumerConfig, KafkaProducerConfig, KafkaSharedConfig } from './config.js';
import { isEmbeddedCluster } from './embedded-addresses.js';
import { NATIVE_PARTITIONER } from './partition-choice.js';
import type { SecurityProperties } from './security/security.js';

type Properties = Record<string, string | number | boolean>;

/** How long one connection attempt may take before it counts as failed: four ways there and back, of a second each, and time to answer. */
export const CONNECT_TIMEOUT_MS = 6000;

function common(
  config: KafkaConfig,
  { clientIdPrefix, connection, statisticsIntervalMs }: KafkaSharedConfig,
  role: 'producer' | 'consumer',
  security: SecurityProperties,
): Properties {
  const id = Math.floor(Math.random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
  return {
    'client.id': `${clientIdPrefix}-${role}-${id}`,
    'metadata.broker.list': readBootstrapServers(config.bootstrapServers).servers,
    'socket.keepalive.enable': true,
    'reconnect.backoff.ms': connection.reconnectBackoffMs,
    'reconnect.backoff.max.ms': Math.max(connection.reconnectBackoffMs, connection.reconnectBackoffMaxMs),
    ...given({
      'socket.connection.setup.timeout.ms': connection.setupTimeoutMs,
      'socket.timeout.ms': connection.socketTimeoutMs,
      'connections.max.idle.ms': connection.maxIdleMs,
    }),
    // librdkafka writes to stderr otherwise; what matters arrives as events.
    log_level: 0,
    'statistics.interval.ms': statisticsIntervalMs,
    ...security,
  };
}

/** For how long the first records to a topic wait for it: a broker that makes topics may take a moment. */
const UNKNOWN_TOPIC_MS = 5000;

/** How soon a partition is fetched again after the queue of what is read ahead was full. */
const FETCH_QUEUE_BACKOFF_MS = 10;

/**
 * A client's properties. Node-rdkafka replaces librdkafka's default topic properties by those it is given apart:
 * one that stands among the global ones instead is silently ignored.
 */
export interface ClientProperties<Global, Topic> {
  readonly global: Global;
  readonly topic: Topic;
}

/** librdkafka's properties for publishing: acknowledged by all in-sync replicas, in order, without duplicates of retries. */
export function producerProperties(
  config: KafkaConfig,
  shared: KafkaSharedConfig,
  security: SecurityProperties,
): ClientProperties<ProducerGlobalConfig, ProducerTopicConfig> {
  const { producer } = shared;
  const global = {
    ...common(config, shared, 'producer', security),
    dr_cb: true,
    'enable.idempotence': isIdempotent(producer),
    // It answers for the ends of partitions, which are those that readers see. librdkafka takes it from a producer too.
    'isolation.level': shared.consumer.isolationLevel,
    // An awaited publish pays for every millisecond of linger.
    'linger.ms': producer.lingerMs,
    'queue.buffering.max.messages': producer.maxQueuedMessages,
    'queue.buffering.max.kbytes': producer.maxQueuedKbytes,
    'message.max.bytes': producer.maxMessageBytes,
    'topic.metadata.propagation.max.ms': Math.min(UNKNOWN_TOPIC_MS, producer.deliveryTimeoutMs),
    ...given({
      'message.send.max.retries': producer.retries,
      'retry.backoff.ms': producer.retryBackoffMs,
      'batch.num.messages': producer.batchMaxMessages,
      'batch.size': producer.batchMaxBytes,
    }),
  };
  const topic = {
    acks: producer.acks === 'all' ? -1 : Number(producer.acks),
    partitioner: NATIVE_PARTITIONER[producer.partitioner] ?? 'murmur2_random',
    'compression.codec': producer.compressionType,
    'message.timeout.ms': producer.deliveryTimeoutMs,
    ...given({
      'compression.level': producer.compressionLevel,
      'request.timeout.ms': producer.requestTimeoutMs,
    }),
  };
  return { global: global as ProducerGlobalConfig, topic: topic as ProducerTopicConfig };
}

/** Whether retries store a record once only: asked for, or possible and not declined. */
export function isIdempotent({ idempotent, acks }: KafkaProducerConfig): boolean {
  return idempotent ?? acks === 'all';
}

/** Without the members that are undefined. */
function given(properties: Readonly<Record<string, string | number | boolean | undefined>>): Properties {
  return Object.fromEntries(
    Object.entries(properties).filter(([, value]) => value !== undefined),
  ) as Properties;
}

/** How a group is joined. librdkafka refuses the classic protocol's properties beside the other protocol. */
function membership(consumer: KafkaConsumerConfig): Properties {
  if (consumer.groupProtocol === 'consumer') {
    const { remoteAssignor } = consumer;
    return { 'group.protocol': 'consumer', ...given({ 'group.remote.assignor': remoteAssignor }) };
  }
  const { sessionTimeoutMs } = consumer;
  return {
    'session.timeout.ms': sessionTimeoutMs,
    'heartbeat.interval.ms': consumer.heartbeatIntervalMs ?? Math.max(300, Math.floor(sessionTimeoutMs / 4)),
    'partition.assignment.strategy': consumer.assignmentStrategies.join(','),
  };
}

/**
 * librdkafka's properties for reading. Offsets are never stored by librdkafka itself, and positions are always
 * given explicitly: `earliest` only decides where reading goes on when retention overtakes a reader.
 * @param groupId of a group reader; absent for a reader without a group
 * @param queuedKbytes how much is fetched ahead
 */
export function consumerProperties(
  config: KafkaConfig,
  shared: KafkaSharedConfig,
  security: SecurityProperties,
  groupId: string | undefined,
  queuedKbytes: number,
): ClientProperties<ConsumerGlobalConfig, ConsumerTopicConfig> {
  const { consumer } = shared;
  const isMember = groupId !== undefined;
  const global = {
    ...common(config, shared, 'consumer', security),
    // librdkafka wants one of every consumer.
    'group.id': groupId ?? 'sluice-without-group',
    'enable.auto.commit': false,
    'enable.auto.offset.store': false,
    'enable.partition.eof': true,
    ...membership(consumer),
    'max.poll.interval.ms': consumer.rebalanceTimeoutMs ?? Math.max(300_000, consumer.sessionTimeoutMs),
    'isolation.level': consumer.isolationLevel,
    ...given({
      'group.instance.id': isMember ? consumer.instanceId : undefined,
      'fetch.min.bytes': consumer.fetchMinBytes,
      'fetch.max.bytes': consumer.fetchMaxBytes,
      // librdkafka makes no consumer whose fetches may be smaller than this, a million by default.
      'message.max.bytes': consumer.fetchMaxBytes && Math.min(consumer.fetchMaxBytes, 1_000_000),
      'max.partition.fetch.bytes': consumer.fetchMaxPartitionBytes,
      'client.rack': consumer.rack,
    }),
    // Also how soon a group sees a topic that did not exist when it began.
    'topic.metadata.refresh.interval.ms': 5000,
    'allow.auto.create.topics': false,
    'queued.max.messages.kbytes': queuedKbytes,
    'queued.min.messages': 10_000,
    // By default a partition whose queue was full is not fetched for a second, however soon the queue is empty.
    'fetch.queue.backoff.ms': FETCH_QUEUE_BACKOFF_MS,
    // A mock cluster holds a fetch for the whole wait even when a record arrives meanwhile.
    'fetch.wait.max.ms': consumer.fetchMaxWaitMs ?? (isEmbeddedCluster(config.bootstrapServers) ? 5 : 500),
    'fetch.error.backoff.ms': 200,
  };
  return { global: global as ConsumerGlobalConfig, topic: { 'auto.offset.reset': 'earliest' } };
}
