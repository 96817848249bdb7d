import type { Message } from '@sluice/core';
import { MemoryEndpoint, numberedMessages, textMessage, until } from '@sluice/core/testing';
import { expect, onTestFinished, test } from 'vitest';
import { endpointPlugin, startTestGateway, type TestGatewayOptions } from '../support/gateway.js';
import { webhook } from '../support/plugins.js';
import { admin, type PushApiOptions, pushApi, QUICK, subscription } from '../support/push-api.js';
import { bodies, webhookSink } from '../support/webhook-sink.js';

const ALL = '/apis/push/subscriptions';
const PATIENCE = 5000;

async function pushGateway(
  endpoint: MemoryEndpoint,
  api: PushApiOptions = {},
  more: TestGatewayOptions & { readonly letters?: MemoryEndpoint } = {},
) {
  const { letters, ...rest } = more;
  const endpoints = [
    endpointPlugin(endpoint),
    ...(letters === undefined ? [] : [endpointPlugin(letters, { id: 'letters', modes: () => ['publish'] })]),
  ];
  const gateway = await startTestGateway({
    plugins: [webhook, ...endpoints],
    apis: [
      pushApi({
        ...(letters === undefined ? {} : { endpoints: ['test', 'letters'], dlq: 'letters-endpoint' }),
        ...api,
      }),
    ],
    allowTargets: ['127.0.0.1'],
    ...rest,
  });
  expect(gateway.problems).toEqual([]);
  const status = async (id: string) => (await admin(gateway, 'GET', `${ALL}/${id}`)).body;
  return {
    ...gateway,
    subscribe: async (document: object): Promise<string> => {
      const { status: code, body } = await admin(gateway, 'POST', ALL, document);
      expect(body).toMatchObject({ id: expect.any(String) });
      expect(code).toBe(201);
      return body.id;
    },
    status,
    untilFailed: async (id: string) => {
      const deadline = performance.now() + PATIENCE;
      for (;;) {
        const found = await status(id);
        if (found.consumerStatus === 'FAILURE') return found;
        if (performance.now() > deadline) throw new Error(`not failed: ${JSON.stringify(found)}`);
      }
    },
  };
}

const stored = async (endpoint: MemoryEndpoint, count: number): Promise<readonly Message[]> => {
  const { fakeContext } = await import('@sluice/core/testing');
  const reading = await endpoint.subscribe(fakeContext(), { qos: 'none', maxInFlight: 1000 });
  onTestFinished(() => reading.close());
  const found: Message[] = [];
  for await (const batch of reading) {
    found.push(...batch.map(({ message }) => message));
    if (found.length >= count) break;
  }
  return found;
};

const texts = (count: number) => Array.from({ length: count }, (_, index) => String(index));

test.each(['none', 'balanced', 'auto', 'at-most-once', 'at-least-once'])(
  'every message is posted under %s',
  async (qos) => {
    const sink = await webhookSink();
    const gateway = await pushGateway(new MemoryEndpoint({ messages: numberedMessages(25) }), { qos });
    await gateway.subscribe(subscription(`${sink.url}/hook?x=1`));
    await until(() => sink.calls.length === 25, PATIENCE, 'every message');
    expect([...bodies(sink)].sort()).toEqual([...texts(25)].sort());
    expect(new Set(sink.calls.map(({ path }) => path))).toEqual(new Set(['/hook?x=1']));
  },
);

test('order within a partition holds while calls fail, and partitions go side by side', async () => {
  const endpoint = new MemoryEndpoint({ messages: numberedMessages(60), partitions: 3 });
  let inFlight = 0;
  let most = 0;
  const sink = await webhookSink((_, index) => (_call, response) => {
    most = Math.max(most, ++inFlight);
    setImmediate(() => {
      inFlight--;
      response.writeHead(index % 4 === 1 ? 503 : 200).end();
    });
  });
  const gateway = await pushGateway(endpoint);
  await gateway.subscribe(subscription(sink.url));
  const accepted = () => sink.calls.filter((_, index) => index % 4 !== 1).map(({ body }) => Number(body));
  await until(() => accepted().length === 60, PATIENCE, 'every message');
  for (const partition of [0, 1, 2]) {
    const own = accepted().filter((number) => number % 3 === partition);
    expect(own).toEqual(Array.from({ length: 20 }, (_, index) => index * 3 + partition));
  }
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(3);
});

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

test('a redirect is not followed and fails', async () => {
  const elsewhere = await webhookSink();
  const sink = await webhookSink(() => (_, response) => {
    response.writeHead(302, { location: elsewhere.url }).end();
  });
  const gateway = await pushGateway(new MemoryEndpoint({ messages: numberedMessages(1) }));
  const failed = await gateway.untilFailed(await gateway.subscribe(subscription(sink.url)));
  expect(failed.failureCause).toContain('the callback answered 302');
  expect(elsewhere.calls).toEqual([]);
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

test('Retry-After is honoured up to its cap', async () => {
  const sink = await webhookSink((_, index) =>
    index > 0
      ? 200
      : (_call, response) => {
          response.writeHead(429, { 'retry-after': '3600' }).end();
        },
  );
  const gateway = await pushGateway(new MemoryEndpoint({ messages: numberedMessages(1) }));
  await gateway.subscribe(subscription(sink.url, { retry: { ...QUICK, maxRetryAfterSeconds: 0.2 } }));
  await until(() => sink.calls.length === 2, PATIENCE, 'the second call');
  const [first, second] = sink.calls;
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(190);
});

test('under at-most-once a call that may have been taken is not repeated, one that was refused is', async () => {
  const endpoint = new MemoryEndpoint({ messages: numberedMessages(3) });
  const letters = new MemoryEndpoint();
  const sink = await webhookSink((call, index) => {
    if (call.body.toString() === '1') return (_, __, request) => request.socket.destroy();
    return index === 0 ? 503 : 200;
  });
  const gateway = await pushGateway(endpoint, { qos: 'at-most-once' }, { letters });
  await gateway.subscribe(subscription(sink.url));
  await until(() => bodies(sink).includes('2'), PATIENCE, 'the last message');
  expect(bodies(sink)).toEqual(['0', '0', '1', '2']);
  const [letter] = await stored(letters, 1);
  expect(letter?.content?.toString()).toBe('1');
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

test.each([
  ['waits for its next call', 503, '1', /503; the subscription was stopped meanwhile, after 1 call/],
  [
    'has no answer yet',
    'hang',
    '1',
    /could not be called .*; the subscription was stopped meanwhile, after 1 call/,
  ],
] as const)(
  'under at-most-once a message that %s at a stop goes to the dead letters, and the subscription has not failed',
  async (_, how, count, reason) => {
    const letters = new MemoryEndpoint();
    const endpoint = new MemoryEndpoint({ messages: numberedMessages(1) });
    const sink = await webhookSink(() => (how === 'hang' ? () => {} : how));
    const gateway = await pushGateway(endpoint, { qos: 'at-most-once' }, { letters, drainTimeoutMs: 2200 });
    const slow = { retry: { initialDelaySeconds: 60, maxDelaySeconds: 60 } };
    await gateway.subscribe(subscription(sink.url, slow));
    await until(() => sink.calls.length === 1, PATIENCE, 'the first call');
    expect(await gateway.stop()).toEqual([]);
    const [letter] = await stored(letters, 1);
    const told = Object.fromEntries((letter?.headers ?? []).map(([name, value]) => [name, String(value)]));
    expect(told['sluice-dlq-attempts']).toBe(count);
    expect(told['sluice-dlq-reason']).toMatch(reason);
    expect(gateway.log.lines.filter(({ message }) => message === 'a subscription has failed')).toEqual([]);
  },
);

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
  let refusals = 2;
  const subscribe = endpoint.subscribe.bind(endpoint);
  endpoint.subscribe = (ctx, request) => {
    if (refusals-- > 0) return Promise.reject(new Error('the broker is away'));
    return subscribe(ctx, request);
  };
  const sink = await webhookSink();
  const gateway = await pushGateway(endpoint);
  const id = await gateway.subscribe(subscription(sink.url));
  await until(() => sink.calls.length === 2, PATIENCE, 'the messages');
  expect(await gateway.status(id)).toMatchObject({ consumerStatus: 'STARTED' });
});

test('the flows of its push plan run, selected by its channel, and see the subscription', async () => {
  const { policyAssign } = { policyAssign: (await import('@sluice/policy-transform-headers')).default };
  const filtering = (await import('@sluice/policy-message-filtering')).default;
  const endpoint = new MemoryEndpoint({ messages: numberedMessages(4) });
  const sink = await webhookSink();
  const flow = (channel: string, name: string) => ({
    selectors: [{ type: 'channel', channel, operations: ['SUBSCRIBE'], entrypoints: ['webhook'] }],
    subscribe: [
      {
        policy: 'transform-headers',
        configuration: {
          addHeaders: [{ name, value: '{#context.attributes["plan"]}/{#subscription.metadata.team}' }],
        },
      },
    ],
  });
  const gateway = await startTestGateway({
    plugins: [webhook, endpointPlugin(endpoint), policyAssign, filtering],
    allowTargets: ['127.0.0.1'],
    apis: [
      pushApi({
        plans: [
          { id: 'keyless', security: { type: 'key-less' } },
          { id: 'gold', mode: 'PUSH', flows: [flow('/orders', 'x-plan')] },
        ],
        flows: [
          flow('/elsewhere', 'x-elsewhere'),
          {
            subscribe: [
              { policy: 'message-filtering', configuration: { filter: "{#message.content != '2'}" } },
            ],
          },
        ],
      }),
    ],
  });
  expect(gateway.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  const document = {
    plan: 'gold',
    application: 'app',
    metadata: { team: 'blue' },
    configuration: {
      entrypointId: 'webhook',
      channel: 'orders',
      entrypointConfiguration: JSON.stringify({ callbackUrl: sink.url }),
    },
  };
  expect((await admin(gateway, 'POST', ALL, document)).status).toBe(201);
  await until(() => sink.calls.length === 3, PATIENCE, 'the messages');
  expect(bodies(sink)).toEqual(['0', '1', '3']);
  for (const { headers } of sink.calls) {
    expect(headers['x-plan']).toBe('gold/blue');
    expect(headers['x-elsewhere']).toBeUndefined();
  }
});

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
