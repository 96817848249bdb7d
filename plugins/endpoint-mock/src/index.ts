import {
  defineEndpoint,
  type EndpointConnector,
  QOS_LEVELS,
  SluiceError,
  type Subscription,
} from '@sluice/core';
import { MOCK_SCHEMA, type MockConfig } from './config.js';
import { startAfter, subscribeToMock } from './subscription.js';

/** The `mock` endpoint: messages are counted up at an interval, and what is published is logged and forgotten. */
export default defineEndpoint<MockConfig, object>({
  kind: 'endpoint',
  id: 'mock',
  qos: QOS_LEVELS,
  capabilities: ['auto-ack', 'manual-ack', 'recover'],
  schema: MOCK_SCHEMA,
  create(config): EndpointConnector {
    const open = new Set<Subscription>();
    return {
      publish: (ctx, messages) => {
        for (const message of messages) {
          ctx.log.info({ bytes: message.content?.length ?? null }, 'the mock endpoint took a message');
        }
        return Promise.resolve(messages.map(() => ({ ok: true, storedAt: [] })));
      },
      // Async, so that a bad cursor rejects.
      subscribe: async (_ctx, request) => {
        if (request.since !== undefined) throw new SluiceError('START_TIME_UNSUPPORTED');
        const first = startAfter(request.cursor);
        const subscription = subscribeToMock(config, request, first, () => open.delete(subscription));
        open.add(subscription);
        return subscription;
      },
      health: () => ({ status: 'up' }),
      stop: async () => {
        await Promise.all([...open].map((subscription) => subscription.close()));
      },
    };
  },
});
