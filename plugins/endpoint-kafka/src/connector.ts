import {
  type EndpointConnector,
  type ExecutionContext,
  type Message,
  originOf,
  type PluginHost,
  type PublishResult,
  SluiceError,
  type Subscription,
  wrapSubscription,
} from '@sluice/core';
import type { KafkaConfig, KafkaSharedConfig } from './config.js';
import { connectionOf } from './connections.js';
import type { ReadGroup } from './readers.js';
import { RecordMessage } from './record.js';
import { RecordPlanner } from './record-plan.js';
import { namesOf, partitionsOf } from './topic-set.js';
import { Topics } from './topics.js';

const GROUP_ID = 'gravitee.attribute.kafka.groupId';

/** A Kafka endpoint of one deployed API. It begins to connect at once, and serves when the cluster is there. */
export function kafkaConnector(
  config: KafkaConfig,
  given: KafkaSharedConfig,
  host: PluginHost,
): EndpointConnector {
  const shared = ofWorker(given, host.worker);
  const connection = connectionOf(config, shared, host);
  const { cluster, producer, readers, messaging, statistics, stalls } = connection;
  const topics = new Topics(shared);
  const planner = new RecordPlanner(topics, shared);
  const subscriptions = new Set<Subscription>();
  let inFlight = 0;
  let idle = () => {};
  let stopped: Promise<void> | undefined;

  const settled = () => {
    if (--inFlight === 0) idle();
  };
  const awaited = { awaits: !shared.producer.buffered, settled };
  const unawaited = { awaits: false, settled };
  const isTraced = host.telemetry?.tracing !== undefined;
  const isNamed = { producer: false, consumer: false };
  /** Tells who chose the topics, of written ones once. Returns whether the definition names them. */
  const named = (side: 'producer' | 'consumer', ctx: ExecutionContext, chosen: readonly string[]) => {
    const isWritten = host.isChosen !== true && topics.isWritten(side, chosen);
    if (!isWritten) messaging.named(chosen, ctx);
    else if (!isNamed[side]) messaging.named(namesOf(chosen), 'definition');
    isNamed[side] ||= isWritten;
    return isWritten;
  };

  return {
    publish(ctx, messages, { qos }) {
      const refused = refusal(shared.producer.enabled, stopped !== undefined);
      if (refused !== undefined)
        return Promise.resolve(messages.map((): PublishResult => ({ ok: false, error: refused })));
      inFlight++;
      const options = { ...(qos === 'none' ? unawaited : awaited), client: ctx.client };
      return producer.publish(
        messages,
        (message) => {
          const plan = planner.of(ctx, message);
          named('producer', ctx, plan.topics);
          return plan;
        },
        isTraced ? { ...options, begin: (topics) => messaging.sending(ctx, topics, messages) } : options,
      );
    },
    async subscribe(ctx, request) {
      if (stopped !== undefined) throw new SluiceError('goaway');
      const read = topics.of('consumer', ctx);
      const isWritten = named('consumer', ctx, read);
      if (shared.consumer.checkTopicExistence) {
        for (const topic of read) {
          if ((await partitionsOf(cluster, [topic])).length > 0) continue;
          const cause = new Error(`the topic ${topic} does not exist, or no topic matches it`);
          throw new SluiceError('SUBSCRIBE_FAILED', { cause });
        }
      }
      const begunAt = performance.now();
      const group = () => groupOf(ctx, shared);
      const subscription = await readers
        .subscribe(
          { api: host.apiId, topics: read, isWritten, groupOf: group },
          { ...request, client: ctx.client },
        )
        .catch((error: unknown) => {
          const seconds = (performance.now() - begunAt) / 1000;
          for (const topic of read) messaging.topic(topic)?.readFailed(seconds, originOf(ctx));
          throw error;
        });
      subscriptions.add(subscription);
      const close = async () => {
        subscriptions.delete(subscription);
        await subscription.close();
      };
      const told = request.qos === 'none' ? {} : { group: group().id };
      const reading = messaging.reading(subscription, ctx, { topics: read, topicOf, ...told });
      return wrapSubscription(subscription, { close, ...reading });
    },
    health() {
      const { health } = cluster;
      const { reason } = stalls;
      return health.status === 'up' && reason !== undefined ? { ...health, reason } : health;
    },
    statistics: () => statistics.read(),
    stop(timeoutMs) {
      stopped ??= (async () => {
        await Promise.all([...subscriptions].map((subscription) => subscription.close()));
        if (inFlight > 0) await within(timeoutMs, new Promise<void>((resolve) => (idle = resolve)));
        await connection.release(timeoutMs);
      })();
      return stopped;
    },
  };
}

/** The group that an exchange reads as, and its name in metrics where no client has a say in it. */
function groupOf(ctx: ExecutionContext, { consumer }: KafkaSharedConfig): ReadGroup {
  const origin = originOf(ctx);
  const chosen = textAttribute(ctx.attributes.get(GROUP_ID));
  if (chosen !== undefined) return { id: chosen, label: undefined, origin, isWritten: false };
  const isWritten = consumer.groupId !== undefined;
  const id = consumer.groupId ?? ctx.clientIdentifier;
  return { id, label: isWritten || origin === 'agent' ? id : undefined, origin, isWritten };
}

/** Messages of this endpoint are records: their metadata would be made anew. */
function topicOf(message: Message): string {
  return message instanceof RecordMessage ? message.topic : '';
}

function refusal(enabled: boolean, stopped: boolean): SluiceError | undefined {
  if (!enabled) return new SluiceError('PUBLISH_DISABLED');
  return stopped ? new SluiceError('goaway') : undefined;
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

/** An attribute as a text; undefined when there is none or it is empty. */
function textAttribute(value: unknown): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : String(value);
}

/** Processes on one port are members of a group each: the name of a static one must be its own. */
function ofWorker(shared: KafkaSharedConfig, worker: number | undefined): KafkaSharedConfig {
  const { instanceId } = shared.consumer;
  if (worker === undefined || instanceId === undefined) return shared;
  return { ...shared, consumer: { ...shared.consumer, instanceId: `${instanceId}-${worker}` } };
}
