import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openEventLog } from './support/event-log.js';
import { startGatewayProcess } from './support/gateway-process.js';

/** The commands that README shows, in order, against another port. */
function readmeCommands(port: number): readonly string[] {
  const block = /<!-- curls -->\s*```sh\n([\s\S]*?)```/.exec(readFileSync('README.md', 'utf8'))?.[1] ?? '';
  return block
    .split('\n')
    .filter((line) => line.startsWith('curl '))
    .map((line) => line.replaceAll(':8082', `:${port}`));
}

/** Runs a command in a shell; `until` resolves when its output has the text. */
function inShell(command: string): { child: ChildProcess; until(text: string): Promise<string> } {
  const child = spawn('bash', ['-c', `exec ${command}`], { stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  let check = () => {};
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    check();
  });
  child.on('close', () => check());
  onTestFinished(() => void child.kill());
  return {
    child,
    until: (text) =>
      new Promise((resolve, reject) => {
        check = () => {
          if (output.includes(text)) resolve(output);
          else if (child.exitCode !== null) reject(new Error(`ended without "${text}": ${output}`));
        };
        check();
      }),
  };
}

describe('the samples on the embedded Kafka', () => {
  it('do what README says, by its own curls', async () => {
    const gateway = await startGatewayProcess({
      folder: 'api-definitions',
      args: ['--embedded-kafka', '--strict'],
    });
    const [stream = '', publish = '', resume = '', page = ''] = readmeCommands(gateway.port);
    const streaming = inShell(stream);
    await streaming.until('retry: ');
    expect(await inShell(publish).until('HTTP/1.1')).toContain('202 Accepted');
    expect(await streaming.until('{"order": 1}')).toMatch(/id: \S+\nevent: message\ndata: \{"order": 1\}\n/);
    await inShell(resume).until('data: {"order": 1}');
    expect(JSON.parse(await inShell(page).until('}}'))).toMatchObject({
      items: [{ content: '{"order": 1}', metadata: { topic: 'orders' } }],
      pagination: { limit: '1' },
    });
    expect(await gateway.stop()).toBe(0);
  });

  it('announce the embedded cluster, and serve the one without a broker', async () => {
    const gateway = await startGatewayProcess({ folder: 'api-definitions', args: ['--embedded-kafka'] });
    const ready = gateway.log.find(({ event }) => event === 'ready');
    expect(ready).toMatchObject({ apis: ['orders', 'ticker'], port: gateway.port });
    expect(ready?.embeddedKafka).toMatch(/^127\.0\.0\.1:\d+$/);
    const log = openEventLog(`${gateway.url}/ticker`);
    await log.until((events) => events.length === 2, 10_000);
    expect(log.events.map(({ data }) => data)).toEqual(['tick', 'tick']);
    const since = await fetch(`${gateway.url}/orders?since=2026-01-01`, {
      headers: { accept: 'application/json' },
    });
    expect([since.status, await since.json()]).toMatchObject([400, { key: 'START_TIME_UNSUPPORTED' }]);
    const health = (await (await fetch(`${gateway.adminUrl}/health/ready`)).json()) as { status: string };
    expect(health.status).toBe('up');
  });

  it('leave KAFKA_BOOTSTRAP_SERVERS alone when it is set', async () => {
    const gateway = await startGatewayProcess({
      folder: 'api-definitions',
      args: ['--embedded-kafka'],
      env: { KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' },
    });
    const response = await fetch(`${gateway.url}/orders`, { method: 'POST', body: 'x' });
    expect(response.status).toBe(503);
  });
});
