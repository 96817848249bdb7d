import type { Message } from '@sluice/core';
import { MemoryEndpoint, numberedMessages, textMessage, until } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { endpointPlugin, startTestGateway } from '../support/gateway.js';
import { webhook } from '../support/plugins.js';
import { admin, pushApi, QUICK, subscription } from '../support/push-api.js';
import { PATIENCE, pushGateway, stored } from '../support/push-gateway.js';
import { bodies, webhookSink } from '../support/webhook-sink.js';

const ALL = '/apis/push/subscriptions';

test('what is given up goes to the dead letters with what is known of it, and the next messages go on', async () => {
  const original: Message = {
    ...textMessage('poison'),
    key: Buffer.from('k'),
    content: Buffer.from([0, 255, 1]),
    headers: [
      ['h', Buffer.from('v')],
      ['n', null],
    ],
  };
  const endpoint = new MemoryEndpoint({ messages: [textMessage('a'), original, textMessage('b')] });
  const letters = new MemoryEndpoint();
  const sink = await webhookSink((call) => (call.body.length === 3 ? 502 : 200));
  const gateway = await pushGateway(endpoint, {}, { letters });
  const id = await gateway.subscribe(subscription(sink.url, { retry: { ...QUICK, maxAttempts: 2 } }));
  const [letter] = await stored(letters, 1);
  await until(() => sink.calls.length === 5, PATIENCE, 'the message behind it');
  expect(letter?.content).toEqual(original.content);
  expect(letter?.key).toEqual(original.key);
  expect(letter?.headers.slice(0, 2)).toEqual(original.headers);
  const told = Object.fromEntries(
    (letter?.headers ?? []).slice(2).map(([name, value]) => [name, value?.toString()]),
  );
  expect(told).toEqual({
    'sluice-dlq-key': 'MESSAGE_PROCESSING_FAILED',
    'sluice-dlq-reason': `the callback answered 502, after 3 calls of ${sink.url}/`,
    'sluice-dlq-time': expect.stringMatching(/^\d{4}-.*Z$/),
    'sluice-dlq-attempts': '3',
    'sluice-dlq-status': '502',
    'sluice-dlq-source': 'memory@0#1',
    'sluice-dlq-api': 'push',
    'sluice-dlq-subscription': id,
  });
  expect(new Set(sink.calls.slice(1, 4).map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(await gateway.status(id)).toMatchObject({ consumerStatus: 'STARTED' });
});

test('without dead letters the subscription stops with its reason, alone, and resumes at that message', async () => {
  const endpoint = new MemoryEndpoint({ messages: numberedMessages(5) });
  const broken = await webhookSink((call) => (call.body.toString() === '2' ? 400 : 200));
  const healthy = await webhookSink();
  const gateway = await pushGateway(endpoint);
  const id = await gateway.subscribe(subscription(broken.url));
  const other = await gateway.subscribe(subscription(healthy.url));
  expect((await gateway.untilFailed(id)).failureCause).toBe(
    `MESSAGE_PROCESSING_FAILED: the callback answered 400, after 1 call of ${broken.url}/`,
  );
  await until(() => healthy.calls.length === 5, PATIENCE, 'the other subscription');
  expect(await gateway.status(other)).toMatchObject({ consumerStatus: 'STARTED' });
  broken.answer = () => 200;
  expect((await admin(gateway, 'POST', `${ALL}/${id}/resume`)).body).toMatchObject({
    consumerStatus: 'STARTED',
  });
  expect((await gateway.status(id)).failureCause).toBeUndefined();
  await until(() => broken.calls.length === 6, PATIENCE, 'the rest');
  expect(bodies(broken)).toEqual(['0', '1', '2', '2', '3', '4']);
});

test('a callback that is gone (410) stops the subscription, whatever the dead letters', async () => {
  const letters = new MemoryEndpoint();
  const sink = await webhookSink(() => 410);
  const gateway = await pushGateway(new MemoryEndpoint({ messages: numberedMessages(2) }), {}, { letters });
  const failed = await gateway.untilFailed(await gateway.subscribe(subscription(sink.url)));
  expect(failed.failureCause).toContain('the callback is gone (410)');
  expect(sink.calls.length).toBe(1);
});

test.each([
  ['interruptConsumptionOnServerError', 422],
  ['interruptConsumptionOnException', 'reset'],
] as const)(
  'with %s false a message that fails for good is dropped, with a log line',
  async (option, how) => {
    const sink = await webhookSink((call) => {
      if (call.body.toString() !== '1') return 200;
      return how === 'reset' ? (_, __, request) => request.socket.destroy() : how;
    });
    const gateway = await pushGateway(new MemoryEndpoint({ messages: numberedMessages(3) }), {
      webhook: { [option]: false },
    });
    const id = await gateway.subscribe(subscription(sink.url, { retry: { ...QUICK, maxAttempts: 1 } }));
    await until(() => bodies(sink).includes('2'), PATIENCE, 'the message behind it');
    expect(await gateway.status(id)).toMatchObject({ consumerStatus: 'STARTED' });
    expect(gateway.log.lines.some(({ message }) => message.startsWith('a message is dropped'))).toBe(true);
  },
);

test('a message that a policy fails on is never posted: it goes to the dead letters as it was, else it stops the subscription', async () => {
  const interrupt = (await import('@sluice/policy-interrupt')).default;
  const flows = [
    {
      subscribe: [
        {
          policy: 'policy-interrupt',
          messageCondition: "{#message.content == '1'}",
          configuration: { statusCode: 422, errorKey: 'NOT_ONE', message: 'one is not wanted' },
        },
      ],
    },
  ];
  const letters = new MemoryEndpoint();
  const sink = await webhookSink();
  const start = async (more: object) => {
    const endpoint = endpointPlugin(new MemoryEndpoint({ messages: numberedMessages(3) }));
    const gateway = await startTestGateway({
      plugins: [webhook, endpoint, endpointPlugin(letters, { id: 'letters' }), interrupt],
      allowTargets: ['127.0.0.1'],
      apis: [pushApi({ flows, endpoints: ['test', 'letters'], ...more })],
    });
    const { body } = await admin(gateway, 'POST', ALL, subscription(sink.url));
    return async () => (await admin(gateway, 'GET', `${ALL}/${body.id}`)).body;
  };
  await start({ dlq: 'letters-group' });
  await until(() => sink.calls.length === 2, PATIENCE, 'the other messages');
  expect(bodies(sink)).toEqual(['0', '2']);
  const [letter] = await stored(letters, 1);
  expect(letter?.content?.toString()).toBe('1');
  expect(letter?.headers.find(([name]) => name === 'sluice-dlq-key')?.[1]?.toString()).toBe('NOT_ONE');
  const status = await start({});
  let found = await status();
  while (found.consumerStatus !== 'FAILURE') found = await status();
  expect(found.failureCause).toBe('NOT_ONE: one is not wanted');
  expect(bodies(sink)).toEqual(['0', '2', '0']);
});

test('dead letters may go to the endpoint that is also read from', async () => {
  const endpoint = new MemoryEndpoint({ messages: numberedMessages(3) });
  const letters = new MemoryEndpoint();
  const both = {
    ...endpoint,
    subscribe: endpoint.subscribe.bind(endpoint),
    health: endpoint.health.bind(endpoint),
    stop: endpoint.stop.bind(endpoint),
    publish: letters.publish.bind(letters),
  };
  for (const dlq of ['test-endpoint', 'test-group']) {
    const sink = await webhookSink((call) => (call.body.toString() === '1' ? 400 : 200));
    const gateway = await startTestGateway({
      plugins: [webhook, endpointPlugin(both)],
      apis: [pushApi({ dlq })],
      allowTargets: ['127.0.0.1'],
    });
    expect(gateway.problems).toEqual([]);
    expect((await admin(gateway, 'POST', ALL, subscription(sink.url))).status).toBe(201);
    await until(() => sink.calls.length === 3, PATIENCE, 'all messages');
    await gateway.stop();
  }
  expect((await stored(letters, 2)).map(({ content }) => content?.toString())).toEqual(['1', '1']);
});

test('dead letters that would be read again are refused when deployed', async () => {
  const gateway = await startTestGateway({
    plugins: [webhook, endpointPlugin(new MemoryEndpoint(), { echoes: () => true })],
    apis: [pushApi({ dlq: 'test-endpoint' })],
  });
  expect(gateway.problems).toMatchObject([
    {
      severity: 'error',
      path: '$.listeners[0].entrypoints[0].dlq.endpoint',
      message: expect.stringMatching(/would be read again/),
    },
  ]);
});

test('a dead-letter endpoint that cannot be found or cannot publish is refused when deployed', async () => {
  const gateway = await startTestGateway({
    plugins: [
      webhook,
      endpointPlugin(new MemoryEndpoint(), { modes: () => ['subscribe'] }),
      endpointPlugin(new MemoryEndpoint(), { id: 'letters' }),
    ],
    apis: [
      pushApi({ id: 'a', dlq: 'nowhere', endpoints: ['test', 'letters'] }),
      pushApi({ id: 'b', dlq: 'test-endpoint', endpoints: ['test', 'letters'] }),
      pushApi({ id: 'c', dlq: 'letters-group', endpoints: ['test', 'letters'] }),
    ],
  });
  const errors = gateway.problems.filter(({ severity }) => severity === 'error');
  expect(errors.map(({ path, message, severity }) => ({ path, message, severity }))).toEqual([
    {
      severity: 'error',
      path: '$.listeners[0].entrypoints[0].dlq.endpoint',
      message: expect.stringMatching(
        /^no endpoint or group is named "nowhere".*what can: "letters-endpoint"/,
      ),
    },
    {
      severity: 'error',
      path: '$.listeners[0].entrypoints[0].dlq.endpoint',
      message: expect.stringMatching(/^"test-endpoint" cannot publish/),
    },
  ]);
  expect(gateway.gateway.apis.map(({ id }) => id)).toEqual(['c']);
});
