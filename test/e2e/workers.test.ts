import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runCli } from '../support/cli.js';
import { webhookSink } from '../support/webhook-sink.js';
import { earliestApi } from './support/earliest-api.js';
import { earliestPushApi } from './support/earliest-push-api.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { openRawStream } from './support/raw-stream.js';
import { untilTrue } from './support/until-true.js';

const bootstrapServers = `\${env:KAFKA_BOOTSTRAP_SERVERS}`;
const apiOf = (id: string, more: object = {}) => earliestApi({ bootstrapServers, topic: id, id, ...more });
const soon = { timeoutMs: 60_000 };

/** One POST on a connection of its own: connections are what is spread. */
async function post(url: string, body: string): Promise<number> {
  const answer = await fetch(url, { method: 'POST', body, headers: { connection: 'close' } });
  await answer.arrayBuffer();
  return answer.status;
}

/** The pids of the workers that serve, by their numbers, as the log tells. */
function workersOf(log: readonly Record<string, unknown>[]): Map<number, number> {
  const said = log.filter(({ msg }) => msg === 'a worker serves');
  return new Map(said.map(({ worker, pid }) => [Number(worker), Number(pid)]));
}

/** The sum of a counter over all its series. */
async function metric(adminUrl: string, name: string): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** Whether a process runs; one that has ended and that nobody has asked about counts as gone. */
async function isThere(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => 'State:\tX');
  return !/^State:\s+[XZ]/m.test(status);
}

describe('several workers', () => {
  it('share the port; their metrics are added up; one that dies is replaced; nothing acknowledged is lost', async () => {
    const args = ['--workers', '2', '--embedded-kafka', '--strict'];
    const gateway = await startGatewayProcess({ apis: [apiOf('orders')], args });
    expect(gateway.log.filter(({ event }) => event === 'ready')).toMatchObject([
      { workers: 2, apis: ['orders'] },
    ]);
    const url = `${gateway.url}/orders`;
    expect(await post(url, 'first')).toBe(202);
    // Connections go to the workers in turn: one stream is on each.
    const streams = [await openRawStream(url), await openRawStream(url)];
    for (const stream of streams) await stream.until(() => stream.data.length === 1, 30_000);
    const own = await Promise.all([1, 2, 3, 4].map((number) => post(url, `${number}`)));
    expect(own).toEqual([202, 202, 202, 202]);
    for (const stream of streams) await stream.until(() => stream.data.length === 5, 30_000);
    expect(await metric(gateway.adminUrl, 'messaging_client_sent_messages_total')).toBe(5);
    expect(await metric(gateway.adminUrl, 'sluice_streams_open')).toBe(2);
    expect(await metric(gateway.adminUrl, 'sluice_workers')).toBe(2);

    const before = workersOf(gateway.log);
    expect([...before.keys()].sort()).toEqual([1, 2]);
    process.kill(before.get(2) as number, 'SIGKILL');
    await Promise.any(streams.map(({ ended }) => ended));
    // The other goes on, and is joined by another again.
    expect(await post(url, 'meanwhile')).toBe(202);
    await untilTrue(async () => workersOf(gateway.log).get(2) !== before.get(2), soon);
    const statuses = await Promise.all(Array.from({ length: 8 }, () => post(url, 'after')));
    expect(new Set(statuses)).toEqual(new Set([202]));
    const last = await openRawStream(url);
    await last.until(() => last.data.length === 14, 30_000);
    const ready = await fetch(`${gateway.adminUrl}/health/ready`);
    expect(await ready.json()).toMatchObject({ status: 'up', workers: { serving: 2, of: 2 } });
    expect(await gateway.stop()).toBe(0);
    for (const pid of workersOf(gateway.log).values()) expect(() => process.kill(pid, 0)).toThrow();
  });

  it('subscriptions are run by the first, and go on in the one that replaces it', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'sluice-workers-data-'));
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
    const sink = await webhookSink();
    const called = (body: string) => sink.calls.some((call) => call.body.toString().includes(body));
    const push = earliestPushApi({
      bootstrapServers,
      topic: 'pushed',
      id: 'pushed',
      qos: 'at-least-once',
      concurrent: 2,
    });
    const gateway = await startGatewayProcess({
      apis: [apiOf('pushed-in', { topic: 'pushed' }), push],
      args: ['--workers', '2', '--embedded-kafka', '--strict', '--data-dir', dataDir],
      env: { SLUICE_WEBHOOK_ALLOW_TARGETS: '127.0.0.1' },
    });
    const made = await fetch(`${gateway.adminUrl}/apis/pushed/subscriptions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        configuration: { entrypointId: 'webhook', entrypointConfiguration: { callbackUrl: sink.url } },
      }),
    });
    expect(made.status).toBe(201);
    expect(await post(`${gateway.url}/pushed-in`, 'one')).toBe(202);
    await untilTrue(async () => called('one'), soon);
    process.kill(workersOf(gateway.log).get(1) as number, 'SIGKILL');
    await untilTrue(async () => {
      const answer = await fetch(`${gateway.adminUrl}/apis/pushed/subscriptions`).catch(() => undefined);
      return answer?.status === 200 && JSON.stringify(await answer.json()).includes(sink.url);
    }, soon);
    expect(await post(`${gateway.url}/pushed-in`, 'two')).toBe(202);
    await untilTrue(async () => called('two'), soon);
    expect(await gateway.stop()).toBe(0);
  });

  it('one that ends again and again is put up after a pause that grows; the management API says so meanwhile', async () => {
    const gateway = await startGatewayProcess({
      apis: [apiOf('restless')],
      args: ['--workers', '2', '--embedded-kafka', '--strict'],
    });
    const ended = () => gateway.log.filter(({ msg }) => msg === 'a worker has ended');
    for (const times of [1, 2, 3, 4]) {
      const pid = workersOf(gateway.log).get(1) as number;
      process.kill(pid, 'SIGKILL');
      await untilTrue(async () => ended().length === times, soon);
      // Of what the first alone knows: subscriptions, and which APIs there are.
      const refused = await fetch(`${gateway.adminUrl}/apis/restless/subscriptions`);
      expect(refused.status).toBe(503);
      expect(await refused.json()).toMatchObject({ message: expect.stringContaining('started again') });
      // The other serves.
      expect((await fetch(`${gateway.adminUrl}/health/ready`)).status).toBe(200);
      expect(await post(`${gateway.url}/restless`, 'meanwhile')).toBe(202);
      await untilTrue(async () => workersOf(gateway.log).get(1) !== pid, soon);
    }
    expect(ended().map(({ againInMs }) => againInMs)).toEqual([100, 200, 400, 800]);
    expect(await gateway.stop()).toBe(0);
  });

  it('end with the process that runs them, and the next start removes what it left', async () => {
    const left = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('sluice-workers-'));
    const start = () =>
      startGatewayProcess({
        apis: [apiOf('left')],
        args: ['--workers', '2', '--embedded-kafka', '--strict'],
      });
    const killed = await start();
    const own = (await left()).filter((name) => name.includes(`-${killed.process.pid}-`));
    expect(own).toHaveLength(1);
    await killed.kill();
    const pids = [...workersOf(killed.log).values()];
    await untilTrue(async () => !(await Promise.all(pids.map(isThere))).includes(true), soon);
    expect(await left()).toEqual(expect.arrayContaining(own));
    const next = await start();
    expect(await left()).not.toEqual(expect.arrayContaining(own));
    expect(await next.stop()).toBe(0);
  });

  it('a definition that cannot be deployed is told once, and ends the start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-broken-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'broken.api.json'), '{"id": 1}');
    const args = [
      'start',
      '--apis',
      folder,
      '--workers',
      '2',
      '--port',
      '0',
      '--admin-port',
      '0',
      '--strict',
    ];
    const { code, stderr } = await runCli(args);
    expect(code).toBe(1);
    expect(stderr.match(/not every definition can be deployed/g)).toHaveLength(1);
    expect((await runCli(['start', '--workers', '0'])).code).toBe(2);
  });
});
