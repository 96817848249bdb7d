import type {
  ConsumerGlobalConfig,
  ConsumerTopicConfig,
  ProducerGlobalConfig,
  ProducerTopicConfig,
} from 'node-rdkafka';
import type { KafkaConfig, KafkaSharedConfig } from './config.js';
import { isEmbeddedCluster } from './embedded-addresses.js';
import type { SecurityProperties } from './security/security.js';

type Properties = Record<string, string | number | boolean>;

/** How long one connection attempt may take before it counts as failed. */
export const CONNECT_TIMEOUT_MS = 3000;

function common(
  config: KafkaConfig,
  role: 'producer' | 'consumer',
  security: SecurityProperties,
): Properties {
  const id = Math.floor(Math.random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
  return {
    'client.id': `sluice-${role}-${id}`,
    'metadata.broker.list': config.bootstrapServers,
    'socket.keepalive.enable': true,
    'reconnect.backoff.ms': 100,
    'reconnect.backoff.max.ms': 2000,
    // librdkafka writes to stderr otherwise; what matters arrives as events.
    log_level: 0,
    ...security,
  };
}

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
  { producer }: KafkaSharedConfig,
  security: SecurityProperties,
): ClientProperties<ProducerGlobalConfig, ProducerTopicConfig> {
  const global = {
    ...common(config, 'producer', security),
    dr_cb: true,
    'enable.idempotence': true,
    // An awaited publish pays for every millisecond of linger.
    'linger.ms': 0,
    'queue.buffering.max.messages': producer.maxQueuedMessages,
    'queue.buffering.max.kbytes': producer.maxQueuedKbytes,
    // The broker's own limit decides, and its refusal names it.
    'message.max.bytes': 100_000_000,
  };
  const topic = {
    acks: -1,
    // The same partition for a key as Java clients choose.
    partitioner: 'murmur2_random',
    'compression.codec': producer.compressionType,
    'message.timeout.ms': producer.deliveryTimeoutMs,
  };
  return { global: global as ProducerGlobalConfig, topic: topic as ProducerTopicConfig };
}

/**
 * librdkafka's properties for reading. Offsets are never stored by librdkafka itself, and positions are always
 * given explicitly: `earliest` only decides where reading goes on when retention overtakes a reader.
 * @param groupId of a group reader; a reader without a group passes its own client's name
 * @param queuedKbytes how much is fetched ahead
 */
export function consumerProperties(
  config: KafkaConfig,
  shared: KafkaSharedConfig,
  security: SecurityProperties,
  groupId: string,
  queuedKbytes: number,
): ClientProperties<ConsumerGlobalConfig, ConsumerTopicConfig> {
  const global = {
    ...common(config, 'consumer', security),
    'group.id': groupId,
    'enable.auto.commit': false,
    'enable.auto.offset.store': false,
    'enable.partition.eof': true,
    'session.timeout.ms': shared.consumer.sessionTimeoutMs,
    'heartbeat.interval.ms': Math.max(300, Math.floor(shared.consumer.sessionTimeoutMs / 4)),
    'max.poll.interval.ms': Math.max(300_000, shared.consumer.sessionTimeoutMs),
    // Also how soon a group sees a topic that did not exist when it began.
    'topic.metadata.refresh.interval.ms': 5000,
    'allow.auto.create.topics': false,
    'queued.max.messages.kbytes': queuedKbytes,
    'queued.min.messages': 10_000,
    // A mock cluster holds a fetch for the whole wait even when a record arrives meanwhile.
    'fetch.wait.max.ms': isEmbeddedCluster(config.bootstrapServers) ? 5 : 500,
    'fetch.error.backoff.ms': 200,
  };
  return { global: global as ConsumerGlobalConfig, topic: { 'auto.offset.reset': 'earliest' } };
}
