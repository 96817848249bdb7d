import { MemoryEndpoint, numberedMessages } from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import { folderWith } from '../support/cli.js';
import { apiDefinition, endpointPlugin, startTestGateway } from '../support/gateway.js';
import { rawSocket } from '../support/raw-socket.js';
import { sseClient } from '../support/sse-client.js';

const status = async (url: string) => (await fetch(url, { method: 'POST', body: 'x' })).status;

describe('a folder of definitions', () => {
  const tenWithOneBroken = () =>
    folderWith({
      ...Object.fromEntries(
        Array.from({ length: 9 }, (_, n) => [`${n}.api.json`, apiDefinition({ id: `api-${n}` })]),
      ),
      'broken.api.json': '{\n  "id": "broken",\n  "name": oops\n}',
      'notes.json': 'not a definition, and not read',
      'some.subscription.json': 'nor this',
    });

  test('is deployed but for what is broken: nine of ten serve, and the log says where the tenth is wrong', async () => {
    const { url, gateway, log } = await startTestGateway({ folder: await tenWithOneBroken() });
    expect(gateway.apis).toHaveLength(9);
    for (let n = 0; n < 9; n++) expect(await status(`${url}/api-${n}`)).toBe(202);
    const errors = log.lines.filter(({ level }) => level === 'error');
    expect(errors[0]).toMatchObject({ members: { severity: 'error', line: 3, column: 11 } });
    expect(errors[0]?.message).toMatch(/broken\.api\.json:3:11 {2}error {2}/);
  });

  test('with strict is not served at all, and the error tells every reason', async () => {
    const folder = await folderWith({
      'a.api.json': '{',
      'b.api.json': apiDefinition({ id: 'b', endpoint: 'kafkaa' }),
      'c.api.json': apiDefinition({ id: 'c' }),
    });
    const starting = startTestGateway({ folder, strict: true });
    await expect(starting).rejects.toThrow(/a\.api\.json:1:\d[\s\S]*b\.api\.json:1:\d+/);
    await expect(starting).rejects.toThrow('no endpoint plugin "kafkaa" is installed');
  });

  test('that is not there keeps the gateway from starting, and is named', async () => {
    const starting = startTestGateway({ folder: '/no/such/folder' });
    await expect(starting).rejects.toThrow(
      'API definitions: the folder /no/such/folder cannot be read (ENOENT); name one with --apis',
    );
  });

  test('is taken in the order of its names: of two APIs on one path the first has it', async () => {
    const folder = await folderWith({
      '2.api.json': apiDefinition({ id: 'second', path: '/same' }),
      '1.api.json': apiDefinition({ id: 'first', path: '/same' }),
    });
    const { gateway, log } = await startTestGateway({ folder });
    expect(gateway.apis.map(({ id }) => id)).toEqual(['first']);
    expect(log.lines.map(({ message }) => message).join('\n')).toContain(
      'the API "first" already listens on /same',
    );
  });
});

describe('a pair of entrypoint and endpoint that cannot keep the qos', () => {
  const onlyNone = endpointPlugin(new MemoryEndpoint({ messages: numberedMessages(2) }), {
    qos: ['none', 'balanced'],
    capabilities: [],
  });

  test('answers with its error, while the other entrypoints of the API serve', async () => {
    const api = apiDefinition({ endpoint: 'test', qos: 'at-least-once' });
    const { url, adminUrl, problems } = await startTestGateway({ plugins: [onlyNone], apis: [api] });
    const headers = { accept: 'text/event-stream, */*' };
    const response = await fetch(`${url}/test`, { headers });
    expect([response.status, await response.json()]).toMatchObject([400, { key: 'INCOMPATIBLE_QOS' }]);
    expect(await status(`${url}/test`)).toBe(202);
    expect(problems).toMatchObject([
      {
        severity: 'warning',
        path: '$.listeners[0].entrypoints[1].qos',
        message: expect.stringContaining('what works: none, balanced'),
      },
    ]);
    const [described] = (await (await fetch(`${adminUrl}/apis`)).json()) as { entrypoints: object[] }[];
    expect(described?.entrypoints).toContainEqual({
      type: 'sse',
      error: { key: 'INCOMPATIBLE_QOS', message: expect.stringContaining('"at-least-once"') },
    });
  });

  test('for want of a capability says which', async () => {
    const plugin = endpointPlugin(new MemoryEndpoint(), { capabilities: ['auto-ack'] });
    const api = apiDefinition({ endpoint: 'test', qos: 'at-least-once' });
    const { url } = await startTestGateway({ plugins: [plugin], apis: [api] });
    const response = await fetch(`${url}/test`, { headers: { accept: 'text/event-stream, */*' } });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { key: 'INCOMPATIBLE_QOS_CAPABILITIES', message: expect.stringContaining('manual-ack and recover') },
    ]);
  });

  test('that only publishes leaves the reading entrypoint with 503 NO_ENDPOINT_FOUND', async () => {
    const plugin = endpointPlugin(new MemoryEndpoint(), { modes: () => ['publish'] });
    const { url } = await startTestGateway({
      plugins: [plugin],
      apis: [apiDefinition({ endpoint: 'test' })],
    });
    const response = await fetch(`${url}/test`, { headers: { accept: 'text/event-stream, */*' } });
    expect([response.status, await response.json()]).toMatchObject([503, { key: 'NO_ENDPOINT_FOUND' }]);
    expect(await status(`${url}/test`)).toBe(202);
  });
});

describe('hosts', () => {
  test('a listener that names the host wins over one that does not, at any length of path', async () => {
    const over = (name: string) =>
      endpointPlugin(new MemoryEndpoint({ messages: numberedMessages(1) }), { id: name });
    const apis = [
      apiDefinition({ id: 'any', path: '/orders/new', endpoint: 'one' }),
      apiDefinition({ id: 'named', path: '/orders', host: 'Shop.Example', endpoint: 'two' }),
    ];
    const { gateway, port } = await startTestGateway({ plugins: [over('one'), over('two')], apis });
    expect(gateway.find('shop.example:8082', '/orders/new')?.target.id).toBe('named');
    expect(gateway.find(`127.0.0.1:${port}`, '/orders/new')?.target.id).toBe('any');
    expect(gateway.find(`127.0.0.1:${port}`, '/orders')).toBeUndefined();
  });

  test('the Host header decides, whatever its case and port', async () => {
    const endpoint = new MemoryEndpoint({ messages: numberedMessages(1) });
    const apis = [apiDefinition({ endpoint: 'test', host: 'shop.example' })];
    const { url } = await startTestGateway({ plugins: [endpointPlugin(endpoint)], apis });
    expect((await sseClient(`${url}/test`, { host: 'SHOP.example:1234' })).status).toBe(200);
    expect((await sseClient(`${url}/test`, { host: 'other.example' })).status).toBe(404);
  });

  test('of a whole URL as the target wins over the Host header', async () => {
    const apis = [apiDefinition({ host: 'shop.example' })];
    const { port } = await startTestGateway({ apis });
    const post = async (authority: string) => {
      const raw = await rawSocket(port);
      const end = 'Content-Length: 1\r\nConnection: close\r\n\r\nx';
      raw.socket.write(`POST http://${authority}/test HTTP/1.1\r\nHost: shop.example\r\n${end}`);
      return (await raw.receives(/\r\n\r\n/)).split(' ')[1];
    };
    expect(await post('SHOP.example:80')).toBe('202');
    expect(await post('other.example')).toBe('404');
  });
});

describe('the management port', () => {
  test('describes what is deployed, and nothing of what is configured', async () => {
    const api = apiDefinition({ configuration: { messageContent: 'a secret' } });
    const { adminUrl } = await startTestGateway({ apis: [api] });
    const expected = {
      id: 'test',
      name: 'test',
      version: '',
      state: 'served',
      paths: ['/test/'],
      entrypoints: [
        { type: 'sse', qos: 'at-best' },
        { type: 'http-post', qos: 'balanced' },
      ],
      endpoints: [{ name: 'test-endpoint', type: 'mock', status: 'up' }],
    };
    expect(await (await fetch(`${adminUrl}/apis`)).json()).toEqual([expected]);
    expect(await (await fetch(`${adminUrl}/apis/test`)).json()).toEqual(expected);
    expect(await (await fetch(`${adminUrl}/health/ready`)).json()).toEqual({
      status: 'up',
      apis: [expected],
    });
  });

  test('is ready though no endpoint was ever reached, and says of each how it fares', async () => {
    const away = { status: 'down', reason: 'no broker answers' } as const;
    const endpoint = Object.assign(new MemoryEndpoint(), { health: () => away });
    const { adminUrl } = await startTestGateway({
      apis: [apiDefinition({ endpoint: 'test' })],
      plugins: [endpointPlugin(endpoint)],
    });
    const answer = await fetch(`${adminUrl}/health/ready`);
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { status: 'up', apis: [{ endpoints: [away] }] },
    ]);
  });

  test('answers 404 for what it does not have', async () => {
    const { adminUrl } = await startTestGateway();
    for (const path of ['/apis/none', '/', '/metrics/x']) {
      const response = await fetch(adminUrl + path);
      expect([response.status, await response.json()]).toMatchObject([404, { http_status_code: 404 }]);
    }
  });

  test('is not reachable through the gateway port', async () => {
    const { url } = await startTestGateway({ apis: [apiDefinition()] });
    expect((await fetch(`${url}/apis`)).status).toBe(404);
  });
});

test('an option that no plugin knows is ignored and told, as the format does; a slip in one of ours is an error', async () => {
  const gateway = await startTestGateway({
    apis: [
      apiDefinition({ id: 'newer', sse: { someNewerOption: true } }),
      apiDefinition({ id: 'slip', sse: { stallTimeoutM: 5000 } }),
    ],
  });
  expect(gateway.problems.map(({ severity, message }) => [severity, message])).toEqual([
    ['warning', expect.stringMatching(/^unknown member "someNewerOption"; known are .*; it is ignored$/)],
    ['error', 'unknown member "stallTimeoutM"; did you mean "stallTimeoutMs"?'],
  ]);
  expect(gateway.gateway.apis.map(({ id }) => id)).toEqual(['newer']);
});

test('a second entrypoint of a type in one listener is warned of: it never has a request', async () => {
  const definition = apiDefinition() as { listeners: { entrypoints: object[] }[] };
  definition.listeners[0]?.entrypoints.push({ type: 'sse', qos: 'none' });
  const { problems } = await startTestGateway({ apis: [definition] });
  expect(problems).toMatchObject([
    {
      severity: 'warning',
      path: '$.listeners[0].entrypoints[2]',
      message: expect.stringContaining('never has a request: entrypoints[1] of this listener is a "sse" too'),
    },
  ]);
});
