import { MemoryEndpoint, numberedMessages, until } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { endpointPlugin, startTestGateway } from '../support/gateway.js';
import { webhook } from '../support/plugins.js';
import { admin, pushApi, subscription } from '../support/push-api.js';
import { PATIENCE, pushGateway, texts } from '../support/push-gateway.js';
import { bodies, webhookSink } from '../support/webhook-sink.js';

const ALL = '/apis/push/subscriptions';

test('an answer of 2xx acknowledges: a subscription that is paused and resumed goes on where it was', async () => {
  const endpoint = new MemoryEndpoint({ messages: numberedMessages(10) });
  const sink = await webhookSink();
  const gateway = await pushGateway(endpoint);
  const id = await gateway.subscribe(subscription(sink.url));
  await until(() => sink.calls.length === 10, PATIENCE, 'the first ten');
  expect((await admin(gateway, 'POST', `${ALL}/${id}/pause`)).body).toMatchObject({ status: 'PAUSED' });
  for (const message of numberedMessages(3)) endpoint.append(message);
  expect((await admin(gateway, 'POST', `${ALL}/${id}/resume`)).body).toMatchObject({ status: 'ACCEPTED' });
  await until(() => sink.calls.length === 13, PATIENCE, 'the rest');
  expect(bodies(sink)).toEqual([...texts(10), ...texts(3)]);
});

test('a stop lets the call in flight finish, and leaves what waits for the next one', async () => {
  const endpoint = new MemoryEndpoint({ messages: numberedMessages(3) });
  let finish = () => {};
  const sink = await webhookSink(() => (_, response) => {
    finish = () => void response.writeHead(200).end();
  });
  const first = await pushGateway(endpoint);
  await first.subscribe(subscription(sink.url, {}, { id: 'kept' }));
  await until(() => sink.calls.length === 1, PATIENCE, 'the first call');
  const stopped = first.stop();
  await until(() => first.log.lines.length > 0, PATIENCE, 'anything');
  finish();
  expect(await stopped).toEqual([]);
  const rest = await webhookSink();
  const second = await pushGateway(endpoint);
  await second.subscribe(subscription(rest.url, {}, { id: 'kept' }));
  await until(() => rest.calls.length === 2, PATIENCE, 'the rest');
  expect(bodies(rest)).toEqual(['1', '2']);
  expect(sink.calls.length).toBe(1);
});

test('a call that outlives the drain time is cut, and its message comes again', async () => {
  const endpoint = new MemoryEndpoint({ messages: numberedMessages(1) });
  const sink = await webhookSink(() => () => {});
  const first = await pushGateway(endpoint, {}, { drainTimeoutMs: 2200 });
  await first.subscribe(subscription(sink.url, {}, { id: 'kept' }));
  await until(() => sink.calls.length === 1, PATIENCE, 'the first call');
  expect(await first.stop()).toEqual([]);
  const rest = await webhookSink();
  const second = await pushGateway(endpoint);
  await second.subscribe(subscription(rest.url, {}, { id: 'kept' }));
  await until(() => rest.calls.length === 1, PATIENCE, 'the message again');
});

test('a level that the endpoint cannot keep is a failure of the subscription, with its reason', async () => {
  const gateway = await startTestGateway({
    plugins: [webhook, endpointPlugin(new MemoryEndpoint(), { capabilities: ['auto-ack'] })],
    apis: [pushApi()],
  });
  const { body } = await admin(gateway, 'POST', ALL, subscription('https://example.com'));
  const status = async () => (await admin(gateway, 'GET', `${ALL}/${body.id}`)).body;
  let found = await status();
  while (found.consumerStatus !== 'FAILURE') found = await status();
  expect(found.failureCause).toMatch(
    /^INCOMPATIBLE_QOS_CAPABILITIES: qos "at-least-once" .* what works: none, balanced/,
  );
});

test('an endpoint that fails is read again, and the subscription does not fail', async () => {
  const endpoint = new MemoryEndpoint({ messages: numberedMessages(2) });
  const away = refusing(endpoint);
  const sink = await webhookSink();
  const gateway = await pushGateway(endpoint);
  const id = await gateway.subscribe({ ...subscription(sink.url), status: 'PAUSED' });
  away.refusals = 2;
  await admin(gateway, 'POST', `${ALL}/${id}/resume`, {});
  await until(() => sink.calls.length === 2, PATIENCE, 'the messages');
  expect(await gateway.status(id)).toMatchObject({ consumerStatus: 'STARTED' });
});

test('a subscription whose place the endpoint does not know is not made', async () => {
  const endpoint = new MemoryEndpoint({ messages: numberedMessages(2) });
  refusing(endpoint).refusals = 1;
  const sink = await webhookSink();
  const gateway = await pushGateway(endpoint);
  const { status, body } = await admin(gateway, 'POST', ALL, subscription(sink.url));
  expect(status).toBe(503);
  expect(body.message).toMatch(/not made, because its place could not be recorded: .*; try again/);
  expect((await admin(gateway, 'GET', ALL)).body).toEqual([]);
  await gateway.subscribe(subscription(sink.url));
  await until(() => sink.calls.length === 2, PATIENCE, 'the messages');
});

/** Refuses so many subscriptions before it takes one. */
function refusing(endpoint: MemoryEndpoint): { refusals: number } {
  const away = { refusals: 0 };
  const subscribe = endpoint.subscribe.bind(endpoint);
  endpoint.subscribe = (ctx, request) => {
    if (away.refusals-- > 0) return Promise.reject(new Error('the broker is away'));
    return subscribe(ctx, request);
  };
  return away;
}
