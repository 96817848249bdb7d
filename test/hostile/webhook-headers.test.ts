import { MemoryEndpoint, textMessage, until } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { subscription } from '../support/push-api.js';
import { PATIENCE, pushGateway } from '../support/push-gateway.js';
import { webhookSink } from '../support/webhook-sink.js';

test.each([
  ['many headers', 5000, 1],
  ['large headers', 20, 1024],
  ['one large header', 1, 20 * 1024],
])('a record with %s reaches the callback, and so does the next', async (_, count, bytes) => {
  const value = Buffer.alloc(bytes, 'v');
  const headers = Array.from({ length: count }, (_, at) => [`x-${at}`, value] as const);
  const endpoint = new MemoryEndpoint({
    messages: [textMessage('poison', { headers }), textMessage('next')],
  });
  const sink = await webhookSink();
  const gateway = await pushGateway(endpoint);
  const id = await gateway.subscribe(subscription(sink.url));
  await until(() => sink.calls.length === 2, PATIENCE, 'both calls');
  expect(sink.calls.map(({ body }) => body.toString())).toEqual(['poison', 'next']);
  expect(Number(sink.calls[0]?.headers['webhook-headers-left-out'])).toBeGreaterThan(0);
  expect(await gateway.status(id)).toMatchObject({ consumerStatus: 'STARTED' });
});
