import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bodies, webhookSink } from '../support/webhook-sink.js';
import { openEventLog } from './support/event-log.js';
import { eventually } from './support/faulty-callbacks.js';
import { startGatewayProcess } from './support/gateway-process.js';

/** The commands that README shows, in order, against another port. */
function readmeCommands(port: number, name = 'curls'): readonly string[] {
  const pattern = new RegExp(`<!-- ${name} -->\\s*\`\`\`sh\\n([\\s\\S]*?)\`\`\``);
  const block = pattern.exec(readFileSync('README.md', 'utf8'))?.[1] ?? '';
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

  it('post orders to a callback, by the curl of README', async () => {
    const gateway = await startGatewayProcess({
      folder: 'api-definitions',
      args: ['--embedded-kafka', '--strict'],
      env: { SLUICE_WEBHOOK_ALLOW_TARGETS: '127.0.0.1' },
    });
    const sink = await webhookSink();
    const [subscribe = ''] = readmeCommands(gateway.port, 'webhook');
    const own = subscribe
      .replace('http://localhost:18082', gateway.adminUrl)
      .replace('http://127.0.0.1:9000/', sink.url);
    expect(await inShell(own).until('"consumerStatus":"STARTED"')).toContain('201 Created');
    // The group reads from its end, so what comes before it has joined is not for it.
    await eventually(
      async () => {
        await fetch(`${gateway.url}/orders`, { method: 'POST', body: '{"order": 1}' });
        return bodies(sink).includes('{"order": 1}');
      },
      30_000,
      () => sink.calls.length,
    );
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
