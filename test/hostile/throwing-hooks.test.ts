import { afterEach, beforeEach, expect, test } from 'vitest';
import { apiDefinition, startTestGateway, type TestGateway } from '../support/gateway.js';
import { admin, subscription } from '../support/push-api.js';
import { rawSocket } from '../support/raw-socket.js';
import { webhookSink } from '../support/webhook-sink.js';
import { evilApi, HOOKS } from './evil-plugins.js';
import { FAULTS, type Fault, spoilt } from './throwing-hook.js';

/** What nothing has caught, in this process. */
const escaped: unknown[] = [];
const catchEscaped = (thrown: unknown) => void escaped.push(thrown);
beforeEach(() => {
  escaped.length = 0;
  process.on('unhandledRejection', catchEscaped).on('uncaughtException', catchEscaped);
});
afterEach(() => void process.off('unhandledRejection', catchEscaped).off('uncaughtException', catchEscaped));

/** Those that may give a promise. */
const ASYNC = new Set<PropertyKey>([
  'handle',
  'stream',
  'upgrade',
  'abandon',
  'publish',
  'subscribe',
  'stop',
  'close',
  'next',
  'return',
  'onRequest',
  'onResponse',
  'onPublish',
  'onSubscribe',
  'authenticate',
  'run',
]);

/** Nobody could listen to a promise of a hook that gives none; and one that says it has closed may lie. */
const isMeant = (hook: PropertyKey, fault: Fault) =>
  (fault !== 'rejects' || ASYNC.has(hook)) && (hook !== 'close' || fault === 'throws' || fault === 'rejects');

const CASES = HOOKS.flatMap(([kind, plugin, hooks]) =>
  hooks.flatMap((hook) =>
    (Object.keys(FAULTS) as Fault[])
      .filter((fault) => isMeant(hook, fault))
      .map((fault) => [kind, hook, fault, plugin] as const),
  ),
);

const HANDSHAKE =
  'GET /evil HTTP/1.1\r\nHost: g\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-Anybody: 1\r\n\r\n';

/** What clients and operators do; that each is answered is asked here, how is the definition's matter. */
async function play(gateway: TestGateway, callback: string): Promise<void> {
  const url = `${gateway.url}/evil`;
  const read = async (accept: string) => {
    const signal = AbortSignal.timeout(2000);
    const answer = await fetch(url, { headers: { accept, 'x-anybody': '1' }, signal });
    for await (const _ of answer.body ?? []) if (accept === 'text/event-stream') break;
  };
  const reads = Promise.allSettled(['text/event-stream', 'application/json'].map(read));
  const post = (headers: Record<string, string>) => fetch(url, { method: 'POST', body: 'x', headers });
  const posts = await Promise.all([post({ 'x-anybody': '1' }), post({})]);
  for (const { status } of posts) expect(status).toBeGreaterThanOrEqual(200);
  const raw = await rawSocket(gateway.port);
  raw.socket.write(HANDSHAKE);
  // One that fails once its answer is known is cut.
  await Promise.race([raw.receives(/\r\n\r\n/).catch(() => {}), raw.closed()]);
  raw.socket.destroy();
  await reads;
  const document = JSON.parse(JSON.stringify({ ...subscription(callback), id: 'one' }));
  document.consumerConfiguration.entrypointId = 'evil-push';
  await admin(gateway, 'POST', '/apis/evil/subscriptions', document);
  for (const path of [
    '/apis',
    '/apis/evil',
    '/health/details',
    '/apis/evil/subscriptions',
    '/apis/evil/endpoints/e/statistics',
  ]) {
    expect((await admin(gateway, 'GET', path)).status).toBeGreaterThan(0);
  }
  await admin(gateway, 'DELETE', '/apis/evil/subscriptions/one');
}

test.each(CASES)('%s: %s %s, and everybody else is served', async (_, hook, fault, plugin) => {
  const sound = HOOKS.map(([, make]) => make());
  const own = plugin();
  const plugins = sound.map((one) =>
    'id' in one && one.id === own.id && one.kind === own.kind ? spoilt(own, hook, FAULTS[fault]) : one,
  );
  const sink = await webhookSink();
  const gateway = await startTestGateway({
    plugins,
    apis: [apiDefinition({ id: 'good' }), evilApi],
    allowTargets: ['127.0.0.1'],
  });
  await play(gateway, sink.url);
  const good = await fetch(`${gateway.url}/good`, { method: 'POST', body: 'x' });
  expect(good.status).toBe(202);
  await gateway.stop();
  await new Promise((resolve) => setImmediate(resolve));
  expect(escaped.map((thrown) => (thrown as Error).stack)).toEqual([]);
});
