import {
  defineEndpoint,
  type EndpointConnector,
  MessagingTelemetry,
  QOS_LEVELS,
  SluiceError,
  type Subscription,
  wrapSubscription,
} from '@sluice/core';
import { MOCK_SCHEMA, type MockConfig } from './config.js';
import { startAfter, subscribeToMock } from './subscription.js';

/** Its only topic, as metrics have it. */
const TOPIC = 'mock';

/** The `mock` endpoint: messages are counted up at an interval, and what is published is logged and forgotten. */
export default defineEndpoint<MockConfig, object>({
  kind: 'endpoint',
  id: 'mock',
  formatOptions: 'all',
  qos: QOS_LEVELS,
  capabilities: ['auto-ack', 'manual-ack', 'recover'],
  schema: MOCK_SCHEMA,
  create(config, _shared, { telemetry }): EndpointConnector {
    const open = new Set<Subscription>();
    const messaging = new MessagingTelemetry(telemetry, 'mock');
    return {
      publish: (ctx, messages) => {
        const span = messaging.sending(ctx, [TOPIC], messages);
        for (const message of messages) {
          ctx.log.info({ bytes: message.content?.length ?? null }, 'the mock endpoint took a message');
          messaging.topic(TOPIC)?.sent(message.content?.length ?? 0, 0);
        }
        span?.end();
        return Promise.resolve(messages.map(() => ({ ok: true, storedAt: [] })));
      },
      // Async, so that a bad cursor rejects.
      subscribe: async (ctx, request) => {
        if (request.since !== undefined) throw new SluiceError('START_TIME_UNSUPPORTED');
        const first = startAfter(request.cursor);
        const onClose = () => open.delete(subscription);
        const onBatch = (count: number) => messaging.topic(TOPIC)?.consumed(count);
        const subscription = subscribeToMock(config, request, first, { onClose, onBatch });
        open.add(subscription);
        const reading = { topics: [TOPIC], topicOf: () => TOPIC };
        return wrapSubscription(subscription, messaging.reading(subscription, ctx, reading));
      },
      health: () => ({ status: 'up' }),
      stop: async () => {
        await Promise.all([...open].map((subscription) => subscription.close()));
      },
    };
  },
});
