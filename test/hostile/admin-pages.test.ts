import { request } from 'node:http';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildCli, folderWith, startCli } from '../support/cli.js';
import { apiDefinition, startTestGateway } from '../support/gateway.js';

const LISTS = ['/apis', '/metrics', '/health/live', '/apis/test/subscriptions'];

/** The status of a request with these headers, which fetch would not send. */
function statusOf(port: number, path: string, headers: Readonly<Record<string, string>>, method = 'GET') {
  return new Promise<number | undefined>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode));
    });
    sent.on('error', reject).end();
  });
}

beforeAll(buildCli);

describe('the management port', () => {
  test.each([
    [{ host: 'attacker.example' }],
    [{ host: 'attacker.example:18082' }],
    [{ host: '127.0.0.1.attacker.example' }],
    [{ host: 'localhost.attacker.example' }],
    [{ host: 'localhost', origin: 'https://attacker.example' }],
    [{ host: 'localhost', origin: 'null' }],
    [{ host: 'localhost', 'sec-fetch-site': 'cross-site' }],
  ])('refuses pages of others: %j', async (headers) => {
    const { adminPort } = await startTestGateway({ apis: [apiDefinition()] });
    for (const path of LISTS) expect([path, await statusOf(adminPort, path, headers)]).toEqual([path, 403]);
    expect(await statusOf(adminPort, '/apis/test/subscriptions/x', headers, 'DELETE')).toBe(403);
  });

  test.each([
    [{ host: 'localhost:18082' }],
    [{ host: 'sluice' }],
    [{ host: '10.1.2.3:80' }],
    [{ host: '[::1]:18082' }],
    [{ host: 'localhost', 'sec-fetch-site': 'none' }],
    [{ host: 'localhost:1', origin: 'http://localhost:1', 'sec-fetch-site': 'same-origin' }],
  ])('answers operators: %j', async (headers) => {
    const { adminPort } = await startTestGateway({ apis: [apiDefinition()] });
    expect(await statusOf(adminPort, '/apis', headers)).toBe(200);
  });
});

test.each([[[]], [['--workers', '2']]])(
  'a configured name, and no other, is answered by the command too: %j',
  async (workers) => {
    const apis = await folderWith({
      'test.api.json': apiDefinition(),
      'sluice.json': { admin: { names: ['ops.example.com'] } },
    });
    const config = join(apis, 'sluice.json');
    const cli = startCli([
      ...['start', '--apis', apis, '--config', config],
      ...['--port', '0', '--admin-port', '0', ...workers],
    ]);
    const { adminPort } = await cli.event('ready');
    for (const [host, status] of [
      ['ops.example.com:80', 200],
      ['OPS.example.com', 200],
      ['attacker.example', 403],
      ['x.ops.example.com', 403],
    ] as const) {
      expect([host, await statusOf(Number(adminPort), '/apis', { host })]).toEqual([host, status]);
    }
    cli.child.kill('SIGTERM');
    expect(await cli.ended()).toBe(0);
  },
);
