import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { untilTrue } from '../e2e/support/until-true.js';
import { buildCli, folderWith, type RunningCli, startCli } from '../support/cli.js';
import { apiDefinition } from '../support/gateway.js';
import { rawSocket } from '../support/raw-socket.js';
import { sseClient } from '../support/sse-client.js';

beforeAll(buildCli);

/** Node itself catches SIGTERM and SIGINT, from its first moment. */
const SIGHUP_CAUGHT = 1n;
const soon = { timeoutMs: 5000 };

/** Begins to start a gateway in a process group of its own. */
async function starting(args: readonly string[]): Promise<RunningCli> {
  const apis = await folderWith({ 'test.api.json': apiDefinition() });
  return startCli(['start', '--apis', apis, '--port', '0', '--admin-port', '0', ...args], {}, true);
}

async function started(args: readonly string[]) {
  const cli = await starting(args);
  const { port } = (await cli.event('ready')) as { port: number };
  const pid = cli.child.pid as number;
  return { cli, pid, port, url: `http://127.0.0.1:${port}` };
}

/** The processes that one has begun and that have not been waited for. */
async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.trim().split(' ').filter(Boolean).map(Number);
}

describe.each([
  ['one process', []],
  ['two workers', ['--workers', '2']],
] as const)('%s', (_, args) => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    '%s to the whole process group lets streams go and exits 0',
    async (signal) => {
      const { cli, pid, url } = await started(args);
      const client = await sseClient(`${url}/test`);
      process.kill(-pid, signal);
      expect(await cli.ended(8000)).toBe(0);
      await client.ended();
      expect(client.text()).toContain('event: goaway');
    },
  );

  test('a signal that comes twice, as through a terminal and npm, is one', async () => {
    const { cli, url } = await started(args);
    const client = await sseClient(`${url}/test`);
    cli.child.kill('SIGINT');
    await cli.event('stopping');
    cli.child.kill('SIGINT');
    cli.child.kill('SIGTERM');
    expect(await cli.ended(8000)).toBe(0);
    await client.ended();
    expect(client.text()).toContain('event: goaway');
  });

  test('a further signal, a second later, ends a drain that takes long', async () => {
    const { cli, pid, port } = await started([...args, '--drain-timeout', '60s']);
    const client = await rawSocket(port);
    client.socket.write(
      'POST /test HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n',
    );
    await client.receives(/^HTTP\/1.1 100 /);
    const workers = await childrenOf(pid);
    const begun = performance.now();
    const again = setInterval(() => cli.child.kill('SIGTERM'), 100);
    expect(await cli.ended(8000).finally(() => clearInterval(again))).toBe(1);
    expect(performance.now() - begun).toBeGreaterThan(900);
    expect(cli.lines().map(({ msg }) => msg)).toContainEqual(expect.stringMatching(/again: ending at once/));
    const isThere = async (worker: number) =>
      /^State:\s+[^XZ]/m.test(await readFile(`/proc/${worker}/status`, 'utf8').catch(() => ''));
    await untilTrue(async () => !(await Promise.all(workers.map(isThere))).includes(true), soon);
  });

  test('a signal within the start stops it, and exits 0', async () => {
    const cli = await starting(args);
    const pid = cli.child.pid as number;
    const caught = async () => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      return (BigInt(`0x${/^SigCgt:\s*(\w+)/m.exec(status)?.[1]}`) & SIGHUP_CAUGHT) !== 0n;
    };
    await untilTrue(caught, soon);
    process.kill(-pid, 'SIGTERM');
    expect(await cli.ended(8000)).toBe(0);
    expect(cli.stderr()).toBe('');
  });
});

test('a stop while a worker is being started again exits 0', async () => {
  const { cli, pid } = await started(['--workers', '2']);
  const before = await childrenOf(pid);
  process.kill(before[1] as number, 'SIGKILL');
  await untilTrue(async () => (await childrenOf(pid)).some((child) => !before.includes(child)), soon);
  cli.child.kill('SIGTERM');
  expect(await cli.ended(8000)).toBe(0);
});
