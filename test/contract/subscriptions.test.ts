import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryEndpoint, numberedMessages, until } from '@sluice/core/testing';
import { expect, onTestFinished, test } from 'vitest';
import { folderWith } from '../support/cli.js';
import { endpointPlugin, startTestGateway, type TestGatewayOptions } from '../support/gateway.js';
import { webhook } from '../support/plugins.js';
import { admin, pushApi, subscription } from '../support/push-api.js';
import { bodies, webhookSink } from '../support/webhook-sink.js';

const ALL = '/apis/push/subscriptions';
const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-data-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A gateway whose API is deployed from a file, so that it is there before subscriptions are. */
async function gatewayWith(
  endpoint: MemoryEndpoint,
  files: Readonly<Record<string, object>> = {},
  more: TestGatewayOptions & { readonly plans?: readonly object[] } = {},
) {
  const { plans, ...rest } = more;
  const api = pushApi(plans === undefined ? {} : { plans });
  return await startTestGateway({
    plugins: [webhook, endpointPlugin(endpoint)],
    folder: await folderWith({ 'push.api.json': api, ...files }),
    allowTargets: ['127.0.0.1'],
    ...rest,
  });
}

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
      expect.stringContaining(`${at}.callbackUrl: "ftp://x"`),
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
      { name: 'x-plain', value: 'shown' },
    ],
    auth: {
      type: 'oauth2',
      oauth2: { endpoint: 'https://id.example/token', clientId: 'me', clientSecret: 'hidden-client' },
    },
    ssl: { keyStore: { type: 'NONE', password: 'hidden-store' } },
  };
  const document = { ...subscription('https://example.com/hook', configuration), status: 'PAUSED', id: 's' };
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
      entrypointConfiguration: { headers: [{ name: 'x-plain', value: own.headers[0].value }] },
    },
  };
  expect((await admin(gateway, 'PATCH', `${ALL}/s`, moved)).body.message).toContain(
    'a masked secret cannot stand here',
  );
  expect(JSON.stringify(gateway.log.lines)).not.toMatch(/hidden|whsec_/);
  expect((await stat(join(dataDir, 'subscriptions', 's.json'))).mode & 0o077).toBe(0);
});

test('subscriptions outlive a restart with what they were told, and go on where they were', async () => {
  const dataDir = await newFolder();
  const endpoint = new MemoryEndpoint({ messages: numberedMessages(3) });
  const sink = await webhookSink();
  const first = await gatewayWith(endpoint, {}, { dataDir });
  await admin(first, 'POST', ALL, { ...subscription(sink.url), id: 'runs', metadata: { team: 'blue' } });
  await admin(first, 'POST', ALL, { ...subscription(sink.url), id: 'rests' });
  await until(() => sink.calls.length === 6, 5000, 'the first messages');
  await admin(first, 'POST', `${ALL}/rests/pause`);
  expect(await first.stop()).toEqual([]);
  endpoint.append(numberedMessages(4)[3] as never);
  const second = await gatewayWith(endpoint, {}, { dataDir });
  await until(() => sink.calls.length === 7, 5000, 'the new message');
  const { body } = await admin(second, 'GET', ALL);
  expect(body).toMatchObject([
    { id: 'rests', status: 'PAUSED' },
    { id: 'runs', status: 'ACCEPTED', metadata: { team: 'blue' } },
  ]);
  expect(bodies(sink)[6]).toBe('3');
});

test('the budget of a message under retry is not begun anew by a restart', async () => {
  const dataDir = await newFolder();
  const endpoint = new MemoryEndpoint({ messages: numberedMessages(1) });
  const sink = await webhookSink(() => 503);
  const slow = { retry: { initialDelaySeconds: 60, maxDelaySeconds: 60, maxAttempts: 1 } };
  const first = await gatewayWith(endpoint, {}, { dataDir });
  await admin(first, 'POST', ALL, { ...subscription(sink.url, slow), id: 'kept' });
  const attempts = join(dataDir, 'attempts', 'kept.json');
  await until(() => sink.calls.length === 1, 5000, 'the first call');
  let recorded = '';
  while (recorded === '') recorded = await readFile(attempts, 'utf8').catch(() => '');
  expect(JSON.parse(recorded).attempts).toEqual([
    { message: 'memory@0#0', count: 1, sinceMs: expect.any(Number) },
  ]);
  await first.stop();
  const second = await gatewayWith(endpoint, {}, { dataDir });
  await until(() => sink.calls.length === 2, 5000, 'the last call');
  let found = (await admin(second, 'GET', `${ALL}/kept`)).body;
  while (found.consumerStatus !== 'FAILURE') found = (await admin(second, 'GET', `${ALL}/kept`)).body;
  expect(found.failureCause).toContain('after 2 calls');
  await second.stop();
  const third = await gatewayWith(endpoint, {}, { dataDir });
  expect((await admin(third, 'GET', `${ALL}/kept`)).body).toMatchObject({ consumerStatus: 'FAILURE' });
});

test('a file that cannot be read is told and left, and never takes the good ones with it', async () => {
  const dataDir = await newFolder();
  const first = await gatewayWith(new MemoryEndpoint(), {}, { dataDir });
  for (const id of ['good', 'cut', 'other']) {
    await admin(first, 'POST', ALL, { ...subscription('https://example.com'), id, status: 'PAUSED' });
  }
  await first.stop();
  const folder = join(dataDir, 'subscriptions');
  const text = await readFile(join(folder, 'cut.json'), 'utf8');
  await writeFile(join(folder, 'cut.json'), text.slice(0, 40));
  await writeFile(join(folder, 'other.json'), '{"status":"WRONG"}');
  await writeFile(join(folder, 'good.json.tmp'), '{"half');
  const second = await gatewayWith(new MemoryEndpoint(), {}, { dataDir });
  expect((await admin(second, 'GET', ALL)).body.map(({ id }: { id: string }) => id)).toEqual(['good']);
  const told = second.log.lines.filter(({ message }) =>
    message.startsWith('a stored document cannot be read'),
  );
  expect(told.map(({ members }) => String(members.file).split('/').at(-1))).toEqual([
    'cut.json',
    'other.json',
  ]);
  expect((await readdir(folder)).sort()).toEqual(['cut.json', 'good.json', 'other.json']);
});

test('a declared subscription keeps its pause over restarts, until its file says something else', async () => {
  const dataDir = await newFolder();
  const sink = await webhookSink();
  const file = { ...subscription(sink.url), api: 'push', id: 'declared' };
  const start = (document: object) =>
    gatewayWith(new MemoryEndpoint(), { 'a.subscription.json': document }, { dataDir });
  const first = await start(file);
  await admin(first, 'POST', `${ALL}/declared/pause`);
  expect((await admin(first, 'DELETE', `${ALL}/declared`)).status).toBe(409);
  expect((await admin(first, 'PUT', `${ALL}/declared`, file)).status).toBe(409);
  await first.stop();
  const second = await start(file);
  expect((await admin(second, 'GET', `${ALL}/declared`)).body.status).toBe('PAUSED');
  await second.stop();
  const third = await start({ ...file, metadata: { changed: 'yes' } });
  expect((await admin(third, 'GET', `${ALL}/declared`)).body.status).toBe('ACCEPTED');
  expect(await readFile(join(dataDir, 'subscriptions', 'declared.json'), 'utf8')).not.toContain(sink.url);
});

test('a broken declaration is told with its line, and keeps a strict gateway from starting', async () => {
  const text =
    '{\n  "api": "push",\n  "configuration": {\n    "entrypointId": "webhok",\n    "entrypointConfiguration": {}\n  }\n}';
  const files = { 'push.api.json': pushApi(), 'bad.subscription.json': text };
  const folder = await folderWith(files);
  const options = { plugins: [webhook, endpointPlugin(new MemoryEndpoint())], folder };
  const gateway = await startTestGateway(options);
  const told = gateway.log.lines.find(({ message }) => message.includes('bad.subscription.json'));
  expect(told?.members).toMatchObject({ path: '$.configuration.entrypointId', line: 4 });
  expect(told?.message).toContain('the API "push" has no push entrypoint "webhok"; it has webhook');
  await expect(startTestGateway({ ...options, strict: true })).rejects.toThrow('webhok');
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

test('without a data folder a warning says what that means', async () => {
  const gateway = await gatewayWith(new MemoryEndpoint());
  expect(gateway.log.lines.some(({ message }) => message.startsWith('there is no --data-dir'))).toBe(true);
});
