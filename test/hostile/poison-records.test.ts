import { MemoryEndpoint, numberedMessages, until } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { admin, subscription } from '../support/push-api.js';
import { PATIENCE, pushGateway, stored } from '../support/push-gateway.js';
import { bodies, type WebhookSink, webhookSink } from '../support/webhook-sink.js';

const RESUME = (id: string) => `/apis/push/subscriptions/${id}/resume`;
const refuses = (content: string, status: number): Promise<WebhookSink> =>
  webhookSink((call) => (call.body.toString() === content ? status : 200));

test.each([400, 413, 414, 415, 422, 431])(
  'a record that the callback answers %i to is left out where the definition says so, once, and logged',
  async (status) => {
    const sink = await refuses('1', status);
    const gateway = await pushGateway(new MemoryEndpoint({ messages: numberedMessages(3) }), {
      webhook: { interruptConsumptionOnRefusedMessage: false },
    });
    const id = await gateway.subscribe(subscription(sink.url));
    await until(() => sink.calls.length === 3, PATIENCE, 'the record behind it');
    expect(bodies(sink)).toEqual(['0', '1', '2']);
    expect(await gateway.status(id)).toMatchObject({ consumerStatus: 'STARTED' });
  },
);

test('a refusal of the subscriber (403) stops the subscription all the same', async () => {
  const sink = await refuses('1', 403);
  const gateway = await pushGateway(new MemoryEndpoint({ messages: numberedMessages(3) }), {
    webhook: { interruptConsumptionOnRefusedMessage: false },
  });
  expect(await gateway.untilFailed(await gateway.subscribe(subscription(sink.url)))).toMatchObject({
    failedMessage: 'memory@0#1',
  });
});

test('what a record is refused for goes to the dead letters, and the next ones go on', async () => {
  const letters = new MemoryEndpoint();
  const sink = await refuses('1', 431);
  const gateway = await pushGateway(new MemoryEndpoint({ messages: numberedMessages(3) }), {}, { letters });
  const id = await gateway.subscribe(subscription(sink.url));
  const [letter] = await stored(letters, 1);
  await until(() => sink.calls.length === 3, PATIENCE, 'the record behind it');
  expect(letter?.content?.toString()).toBe('1');
  expect(await gateway.status(id)).toMatchObject({ consumerStatus: 'STARTED' });
});

test.each(['at-least-once', 'at-most-once', 'balanced', 'none'])(
  'at %s a failed subscription is resumed without the message it failed on, which it names',
  async (qos) => {
    const sink = await refuses('1', 422);
    const gateway = await pushGateway(new MemoryEndpoint({ messages: numberedMessages(4) }), {
      qos,
      webhook: { http: { maxConcurrentConnections: 1 } },
    });
    const id = await gateway.subscribe(subscription(sink.url));
    const { failedMessage } = await gateway.untilFailed(id);
    expect(failedMessage).toBe('memory@0#1');
    const resumed = await admin(gateway, 'POST', RESUME(id), { skip: failedMessage });
    expect(resumed.body).toMatchObject({ consumerStatus: 'STARTED', skip: failedMessage });
    expect(resumed.body.failedMessage).toBeUndefined();
    await until(() => bodies(sink).includes('3'), PATIENCE, 'the rest');
    expect(bodies(sink).filter((body) => body === '1')).toHaveLength(1);
    expect(await gateway.status(id)).toMatchObject({ consumerStatus: 'STARTED' });
  },
);

test('only the message that it failed on can be left out', async () => {
  const sink = await refuses('1', 422);
  const gateway = await pushGateway(new MemoryEndpoint({ messages: numberedMessages(3) }));
  const id = await gateway.subscribe(subscription(sink.url));
  await gateway.untilFailed(id);
  const resume = (body: unknown) => admin(gateway, 'POST', RESUME(id), body);
  expect(await resume({ skip: 'memory@0#2' })).toMatchObject({
    status: 409,
    body: { message: '$.skip: the subscription cannot leave out "memory@0#2": it failed on "memory@0#1"' },
  });
  for (const body of ['[]', '"memory@0#1"', { skip: 1 }, { skp: 'memory@0#1' }, 'null']) {
    expect(await resume(body)).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('$: ') },
    });
  }
  expect(await resume('{')).toMatchObject({ status: 400 });
  expect(await gateway.status(id)).toMatchObject({ consumerStatus: 'FAILURE' });
  expect(await resume({})).toMatchObject({ status: 200 });
});
