import { type EndpointConnector, type Message, type PluginHost, SluiceError } from '@sluice/core';
import { Cluster } from './cluster.js';
import type { KafkaConfig, KafkaSharedConfig } from './config.js';
import { RecordProducer } from './producer.js';
import { Readers } from './readers.js';
import { ReplaySlots } from './replay-slots.js';

/** Each has a consumer's threads and reads ahead; more at a time only compete for one event loop. */
const MAX_REPLAYS = 8;
const RECORD_KEY = 'gravitee.attribute.kafka.recordKey';
const GROUP_ID = 'gravitee.attribute.kafka.groupId';

/** A Kafka endpoint of one deployed API. It begins to connect at once, and serves when the cluster is there. */
export function kafkaConnector(
  config: KafkaConfig,
  shared: KafkaSharedConfig,
  host: PluginHost,
): EndpointConnector {
  const cluster = new Cluster(config, shared, host.log);
  const producer = new RecordProducer(cluster);
  // Half of the bound at most, so that replays cannot keep new streams out.
  const half = Math.max(1, Math.floor(shared.consumer.maxConsumers / 2));
  const replays = new ReplaySlots(Math.min(MAX_REPLAYS, half));
  const readers = new Readers({ cluster, config, shared, log: host.log, replays });
  const fixedKey = shared.producer.key === undefined ? null : Buffer.from(shared.producer.key);
  let stopped: Promise<void> | undefined;

  return {
    publish(ctx, messages, { qos }) {
      if (!shared.producer.enabled) {
        const error = new SluiceError('PUBLISH_DISABLED');
        return Promise.resolve(messages.map(() => ({ ok: false, error })));
      }
      const ofContext = textAttribute(ctx.attributes.get(RECORD_KEY));
      const keyOf = ({ key, attributes }: Message) => {
        const named = textAttribute(attributes?.[RECORD_KEY]) ?? ofContext;
        return named === undefined ? (key ?? fixedKey) : Buffer.from(named);
      };
      return producer.publish(messages, shared.producer.topics, keyOf, qos);
    },
    async subscribe(ctx, request) {
      const { topics, checkTopicExistence } = shared.consumer;
      if (checkTopicExistence) {
        for (const topic of topics) {
          if ((await cluster.partitions(topic)).length > 0) continue;
          throw new SluiceError('SUBSCRIBE_FAILED', {
            cause: new Error(`the topic ${topic} does not exist`),
          });
        }
      }
      return await readers.subscribe(
        topics,
        () => textAttribute(ctx.attributes.get(GROUP_ID)) ?? ctx.clientIdentifier,
        request,
      );
    },
    health: () => cluster.health,
    stop(timeoutMs) {
      stopped ??= (async () => {
        await Promise.all([readers.stop(), producer.drained(timeoutMs)]);
        await cluster.stop(timeoutMs);
      })();
      return stopped;
    },
  };
}

/** An attribute as a text; undefined when there is none or it is empty. */
function textAttribute(value: unknown): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : String(value);
}
