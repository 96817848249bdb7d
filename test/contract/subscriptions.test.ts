import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MemoryEndpoint, numberedMessages, until } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { admin, subscription } from '../support/push-api.js';
import { gatewayWith, newFolder } from '../support/subscriptions.js';
import { webhookSink } from '../support/webhook-sink.js';

const ALL = '/apis/push/subscriptions';
const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

test('a subscription is made, shown, changed, paused, resumed and removed', async () => {
  const sink = await webhookSink();
  const gateway = await gatewayWith(new MemoryEndpoint({ messages: numberedMessages(1) }));
  expect((await admin(gateway, 'GET', ALL)).body).toEqual([]);
  const made = await admin(gateway, 'POST', ALL, subscription(sink.url, {}, { applicationId: 'app' }));
  expect(made.status).toBe(201);
  const one = `${ALL}/${made.body.id}`;
  expect(made.body).toMatchObject({
    apiId: 'push',
    applicationId: 'app',
    status: 'ACCEPTED',
    consumerStatus: 'STARTED',
    consumerConfiguration: {
      entrypointId: 'webhook',
      channel: '/',
      entrypointConfiguration: { callbackUrl: sink.url },
    },
  });
  expect((await admin(gateway, 'GET', one)).body).toEqual(made.body);
  expect((await admin(gateway, 'GET', ALL)).body).toEqual([made.body]);
  await until(() => sink.calls.length === 1, 5000, 'the message');

  const patched = await admin(gateway, 'PATCH', one, {
    endingAt: '2099-01-01T00:00:00Z',
    consumerConfiguration: { entrypointConfiguration: { callbackUrl: `${sink.url}/new` } },
  });
  expect(patched.body).toMatchObject({
    endingAt: '2099-01-01T00:00:00.000Z',
    applicationId: 'app',
    consumerConfiguration: { entrypointConfiguration: { callbackUrl: `${sink.url}/new` } },
  });
  expect((await admin(gateway, 'PATCH', one, { endingAt: null })).body.endingAt).toBeUndefined();
  expect((await admin(gateway, 'PUT', one, subscription(sink.url))).body.applicationId).toBeUndefined();
  expect((await admin(gateway, 'POST', `${one}/pause`)).body.status).toBe('PAUSED');
  expect((await admin(gateway, 'POST', `${one}/resume`)).body.status).toBe('ACCEPTED');
  expect((await admin(gateway, 'DELETE', one)).status).toBe(204);
  expect((await admin(gateway, 'GET', one)).status).toBe(404);
  expect((await admin(gateway, 'GET', '/apis')).body[0].entrypoints).toEqual([
    { type: 'webhook', qos: 'at-least-once' },
  ]);
});

test.each([
  [
    'the portal form',
    {
      application: 'a',
      plan: 'gold',
      configuration: {
        entrypointId: 'webhook',
        entrypointConfiguration: { callbackUrl: 'https://example.com/x' },
      },
    },
  ],
  [
    'the gateway form',
    {
      api: 'push',
      id: 'mine',
      application: 'a',
      plan: 'gold',
      status: 'accepted',
      type: 'push',
      configuration: {
        channel: '/c',
        entrypointId: 'webhook',
        entrypointConfiguration: '{"callbackUrl":"https://example.com/x"}',
      },
    },
  ],
  [
    'the management form',
    {
      applicationId: 'a',
      planId: 'gold',
      consumerConfiguration: {
        entrypointId: 'webhook',
        entrypointConfiguration: { callbackUrl: 'https://example.com/x' },
      },
      metadata: { n: 1 },
    },
  ],
])('%s is taken, over the management API and from a file', async (_, document) => {
  const plans = [{ id: 'gold', mode: 'push' }];
  const paused = { ...document, status: 'PAUSED' };
  const gateway = await gatewayWith(
    new MemoryEndpoint(),
    { 'declared.subscription.json': { ...paused, api: 'push', id: 'declared' } },
    { plans },
  );
  const made = await admin(gateway, 'POST', ALL, paused);
  expect(made.status).toBe(201);
  const declared = await admin(gateway, 'GET', `${ALL}/declared`);
  for (const { body } of [made, declared]) {
    expect(body).toMatchObject({
      applicationId: 'a',
      planId: 'gold',
      status: 'PAUSED',
      consumerConfiguration: { entrypointConfiguration: { callbackUrl: 'https://example.com/x' } },
    });
  }
  expect(declared.body.origin).toBe('file');
});

test('what is wrong with a subscription is told with its place, all at once', async () => {
  const gateway = await gatewayWith(new MemoryEndpoint(), {}, { plans: [{ id: 'gold', mode: 'push' }] });
  const post = async (document: unknown) => await admin(gateway, 'POST', ALL, document);
  const wrong = await post({
    planId: 'silver',
    consumerConfiguration: {
      entrypointId: 'webhook',
      entrypointConfiguration: {
        callbackUrl: 'ftp://x',
        retry: { maxAttempts: -1, retryStrategy: 'QUADRATIC' },
        headers: [{ name: 'a b', value: '' }],
      },
    },
  });
  expect(wrong.status).toBe(400);
  const at = '$.consumerConfiguration.entrypointConfiguration';
  expect(wrong.body.message.split('\n')).toHaveLength(5);
  expect(wrong.body.message.split('\n')).toEqual(
    expect.arrayContaining([
      '$.planId: the API "push" has no push plan "silver" that is open; its open push plans are gold',
      expect.stringContaining(`${at}.callbackUrl: must be a URL`),
      expect.stringContaining(`${at}.headers[0].name: `),
      expect.stringContaining(`${at}.retry.retryStrategy: "QUADRATIC" is not one of LINEAR, EXPONENTIAL`),
      expect.stringContaining(`${at}.retry.maxAttempts: `),
    ]),
  );
  const cases: readonly (readonly [object, string])[] = [
    [{ callbackUrl: 'https://u:p@example.com' }, 'callbackUrl: must not hold a user name or password'],
    [
      { callbackUrl: 'https://example.com', headers: [{ name: 'Host', value: 'x' }] },
      'headers[0]: "Host" belongs to the connection',
    ],
    [
      { callbackUrl: 'https://example.com', headers: [{ name: 'x', value: '{#secrets.get("/env/HOME")}' }] },
      'headers[0].value: expressions are not evaluated',
    ],
    [
      { callbackUrl: 'https://example.com', secrets: ['whsec_c2hvcnQ='] },
      'secrets[0]: a secret has 24 to 64 bytes',
    ],
    [{ callbackUrl: 'https://example.com', auth: { type: 'basic' } }, 'auth: the member "basic" is missing'],
    [
      { callbackUrl: 'https://example.com', retry: { initialDelaySeconds: 40 } },
      'retry.initialDelaySeconds: must not be longer',
    ],
    [
      {
        callbackUrl: 'https://example.com',
        ssl: { trustStore: { type: 'JKS', content: 'AAAA', password: 'x' } },
      },
      'ssl.trustStore: the store cannot be read',
    ],
  ];
  for (const [configuration, message] of cases) {
    const document = {
      consumerConfiguration: { entrypointId: 'webhook', entrypointConfiguration: configuration },
    };
    const answer = await post(document);
    expect(answer.status).toBe(400);
    expect(answer.body.message).toContain(`${at}.${message}`);
  }
  expect((await post('{')).body.message).toContain('not valid JSON');
  expect((await post([])).body.message).toBe('$: a subscription is a JSON object');
  expect(
    (await admin(gateway, 'POST', '/apis/nothing/subscriptions', subscription('https://example.com'))).status,
  ).toBe(404);
  expect((await admin(gateway, 'GET', `${ALL}/nothing`)).status).toBe(404);
});

test('the management API takes JSON only, of a bounded size, and nothing from a web page', async () => {
  const gateway = await gatewayWith(new MemoryEndpoint());
  const document = subscription('https://example.com');
  const status = async (body: unknown, headers: Record<string, string>) =>
    (await admin(gateway, 'POST', ALL, body, headers)).status;
  expect(await status(document, { 'content-type': 'text/plain' })).toBe(415);
  expect(await status(document, { origin: 'https://evil.example' })).toBe(403);
  expect(await status({ ...document, metadata: { big: 'x'.repeat(2 ** 20) } }, {})).toBe(413);
  const made = await admin(gateway, 'POST', ALL, { ...document, id: 'one', status: 'PAUSED' });
  expect(made.status).toBe(201);
  expect(await status({ ...document, id: 'one' }, {})).toBe(409);
  expect(await status({ ...document, id: '../up' }, {})).toBe(400);
});

test('secrets are masked in every answer and never logged; a mask that is sent back keeps its secret', async () => {
  const dataDir = await newFolder();
  const gateway = await gatewayWith(new MemoryEndpoint(), {}, { dataDir });
  const configuration = {
    secrets: [SECRET],
    headers: [
      { name: 'Authorization', value: 'Bearer hidden-header' },
      { name: 'x-plain', value: 'hidden-plain' },
    ],
    auth: {
      type: 'oauth2',
      oauth2: { endpoint: 'https://id.example/token', clientId: 'me', clientSecret: 'hidden-client' },
    },
    ssl: { keyStore: { type: 'NONE', password: 'hidden-store' } },
  };
  const document = {
    ...subscription('https://example.com/shown/hidden-T0ken-in-the-path?token=hidden-query', configuration),
    status: 'PAUSED',
    id: 's',
  };
  const made = await admin(gateway, 'POST', ALL, document);
  const shown = JSON.stringify([made.body, (await admin(gateway, 'GET', ALL)).body]);
  expect(shown).not.toMatch(/hidden|whsec_/);
  expect(shown).toContain('shown');
  const onDisk = async () => await readFile(join(dataDir, 'subscriptions', 's.json'), 'utf8');
  const before = JSON.parse(await onDisk());
  const own = made.body.consumerConfiguration.entrypointConfiguration;
  const swapped = { ...own, headers: [...own.headers].reverse() };
  const sent = {
    ...made.body,
    consumerConfiguration: { ...made.body.consumerConfiguration, entrypointConfiguration: swapped },
  };
  expect((await admin(gateway, 'PUT', `${ALL}/s`, sent)).status).toBe(200);
  const after = JSON.parse(await onDisk());
  expect(after.entrypointConfiguration).toEqual({
    ...before.entrypointConfiguration,
    headers: [...before.entrypointConfiguration.headers].reverse(),
  });
  const forged = {
    consumerConfiguration: { entrypointConfiguration: { secrets: ['********-000000000000'] } },
  };
  const refused = await admin(gateway, 'PATCH', `${ALL}/s`, forged);
  expect(refused.status).toBe(400);
  expect(refused.body.message).toContain('secrets[0]: this is a mask of no stored secret');
  const moved = {
    consumerConfiguration: {
      entrypointConfiguration: { keyHeader: own.headers[0].value },
    },
  };
  expect((await admin(gateway, 'PATCH', `${ALL}/s`, moved)).body.message).toContain(
    'a masked secret cannot stand here',
  );
  expect(JSON.stringify(gateway.log.lines)).not.toMatch(/hidden|whsec_/);
  expect((await stat(join(dataDir, 'subscriptions', 's.json'))).mode & 0o077).toBe(0);
});

test('a subscription starts at startingAt and is closed at endingAt', async () => {
  const endpoint = new MemoryEndpoint({ messages: numberedMessages(1) });
  const sink = await webhookSink();
  const gateway = await gatewayWith(endpoint);
  const soon = Date.now() + 150;
  const later = soon + 250;
  const { body } = await admin(gateway, 'POST', ALL, {
    ...subscription(sink.url),
    startingAt: soon,
    endingAt: new Date(later).toISOString(),
  });
  await until(() => sink.calls.length === 1, 5000, 'the message');
  expect(Date.now()).toBeGreaterThanOrEqual(soon);
  let found = body;
  while (found.status !== 'CLOSED') found = (await admin(gateway, 'GET', `${ALL}/${body.id}`)).body;
  expect(Date.now()).toBeGreaterThanOrEqual(later);
  expect((await admin(gateway, 'POST', `${ALL}/${body.id}/resume`)).status).toBe(409);
});

test('what is null is absent, and an unknown member is ignored unless it is nearly one of ours', async () => {
  const gateway = await gatewayWith(new MemoryEndpoint());
  const post = (configuration: object, more: object = {}) =>
    admin(gateway, 'POST', ALL, {
      ...subscription('https://example.com', configuration, more),
      status: 'PAUSED',
    });
  const nulls = await post({ headers: null, ssl: null, retry: { maxAttempts: null } });
  expect(nulls.status).toBe(201);
  expect(nulls.body.consumerConfiguration.entrypointConfiguration.headers).toEqual([]);
  const unknown = await post({ header: [], password: 'in clear' }, { labels: ['a'] });
  expect(unknown.status).toBe(201);
  // Nothing would know to mask it.
  expect(JSON.stringify((await admin(gateway, 'GET', ALL)).body)).not.toContain('in clear');
  const slip = await post({ secret: SECRET });
  expect(slip.status).toBe(400);
  expect(slip.body.message).toContain('did you mean "secrets"?');
});

test.each(['consumerConfiguration', 'configuration'])(
  'what is wrong with a patch is told by the names it has: %s',
  async (name) => {
    const gateway = await gatewayWith(new MemoryEndpoint());
    const { body } = await admin(gateway, 'POST', ALL, subscription('https://example.com/x'));
    const patch = { [name]: { entrypointConfiguration: { callbackUrl: 'ftp://x' } } };
    const refused = await admin(gateway, 'PATCH', `${ALL}/${body.id}`, patch);
    expect(refused).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining(`$.${name}.entrypointConfiguration.callbackUrl: `) },
    });
  },
);

test('what the gateway keeps of a failure may be sent back with the rest, and is ignored', async () => {
  const gateway = await gatewayWith(new MemoryEndpoint());
  const { body } = await admin(gateway, 'POST', ALL, subscription('https://example.com/x'));
  const sent = { ...body, failureCause: 'x', failedMessage: 'memory@0#1', skip: 'memory@0#2' };
  const { status, body: kept } = await admin(gateway, 'PUT', `${ALL}/${body.id}`, sent);
  expect([status, kept.failedMessage, kept.skip]).toEqual([200, undefined, undefined]);
});
