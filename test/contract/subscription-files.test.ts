import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MemoryEndpoint, numberedMessages, until } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { folderWith } from '../support/cli.js';
import { endpointPlugin, startTestGateway } from '../support/gateway.js';
import { webhook } from '../support/plugins.js';
import { admin, pushApi, subscription } from '../support/push-api.js';
import { gatewayWith, newFolder } from '../support/subscriptions.js';
import { bodies, webhookSink } from '../support/webhook-sink.js';

const ALL = '/apis/push/subscriptions';

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

test('without a data folder a warning says what that means', async () => {
  const gateway = await gatewayWith(new MemoryEndpoint());
  expect(gateway.log.lines.some(({ message }) => message.startsWith('there is no --data-dir'))).toBe(true);
});
