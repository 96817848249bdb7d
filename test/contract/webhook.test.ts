import { MemoryEndpoint, numberedMessages, until } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { apiDefinition, endpointPlugin, startTestGateway } from '../support/gateway.js';
import { webhook } from '../support/plugins.js';
import { admin, pushApi, QUICK, subscription } from '../support/push-api.js';
import { PATIENCE, pushGateway, stored, texts } from '../support/push-gateway.js';
import { bodies, webhookSink } from '../support/webhook-sink.js';

const ALL = '/apis/push/subscriptions';

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

test('the logging of the format is warned of, with its place, and is never fatal', async () => {
  const logging = { enabled: true, request: { headers: true, payload: true }, response: { headers: true } };
  const analytics = { enabled: true, logging: { mode: { entrypoint: true } } };
  const api = { ...pushApi({ webhook: { logging } }), analytics };
  const gateway = await startTestGateway({
    plugins: [webhook, endpointPlugin(new MemoryEndpoint())],
    apis: [api],
  });
  expect(gateway.problems.map(({ severity, path }) => [severity, path])).toEqual([
    ['warning', '$.analytics.logging'],
    ['warning', '$.listeners[0].entrypoints[0].configuration.logging'],
  ]);
  expect(gateway.gateway.apis).toHaveLength(1);
});

test.each(['yes', 1, [], { anything: {} }])('analytics of %j are never fatal', async (analytics) => {
  const { gateway } = await startTestGateway({
    apis: [{ ...apiDefinition(), analytics, failover: analytics }],
  });
  expect(gateway.apis).toHaveLength(1);
});
