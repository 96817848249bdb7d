import { connect, type Socket } from 'node:net';
import { MemoryEndpoint, until } from '@sluice/core/testing';
import { expect, onTestFinished, test } from 'vitest';
import { streamFrom } from '../support/from-address.js';
import { apiDefinition, endpointPlugin, startTestGateway, type TestGateway } from '../support/gateway.js';
import { planGateway, sha256 } from '../support/plans.js';

function open(url: string, localAddress: string, headers: Record<string, string> = {}) {
  return streamFrom(url, { localAddress, headers });
}

async function memoryGateway(http: Parameters<typeof startTestGateway>[0]): Promise<TestGateway> {
  return await startTestGateway({
    ...http,
    apis: [apiDefinition({ endpoint: 'test', qos: 'none' })],
    plugins: [endpointPlugin(new MemoryEndpoint())],
  });
}

test('maxStreamsPerClient: who has so many open is answered 429, others are served', async () => {
  const gateway = await memoryGateway({ http: { maxStreamsPerClient: 2 } });
  const url = `${gateway.url}/test`;
  const [first, second] = [await open(url, '127.0.0.1'), await open(url, '127.0.0.1')];
  expect([first.status, second.status]).toEqual([200, 200]);
  const third = await open(url, '127.0.0.1', {
    'x-gravitee-client-identifier': 'invented',
    'x-forwarded-for': '8.8.8.8',
  });
  expect(third).toMatchObject({ status: 429, headers: { 'retry-after': '5' } });
  expect((await open(url, '127.0.0.2')).status).toBe(200);
  expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(202);
  first.leave();
  await expect.poll(async () => (await open(url, '127.0.0.1')).status).toBe(200);
});

test('who a plan knows by its key is a client of its own, at whatever address', async () => {
  const plan = { id: 'keys', name: 'keys', status: 'PUBLISHED', security: { type: 'api-key' } };
  const open1 = { id: 'open', name: 'open', status: 'PUBLISHED', security: { type: 'key-less' } };
  const keys = [{ plan: 'keys', keys: ['a', 'b'].map((id) => ({ id, sha256: sha256(id) })) }];
  const { url } = await planGateway([plan, open1], { keys, http: { maxStreamsPerClient: 1 } });
  const by = async (address: string, key?: string) =>
    (await open(url, address, key === undefined ? {} : { 'x-gravitee-api-key': key })).status;
  expect(await by('127.0.0.1')).toBe(200);
  expect(await by('127.0.0.1')).toBe(429);
  expect(await by('127.0.0.1', 'a')).toBe(200);
  expect(await by('127.0.0.2', 'a')).toBe(429);
  expect(await by('127.0.0.1', 'b')).toBe(200);
});

test('maxConnectionsPerAddress: one more is told 429 and closed, and other addresses are served', async () => {
  const gateway = await memoryGateway({ http: { maxConnectionsPerAddress: 3 } });
  const idle = await Promise.all([1, 2, 3].map(() => connected(gateway.port)));
  const refused = await connected(gateway.port);
  let told = '';
  refused.setEncoding('utf8').on('data', (chunk: string) => {
    told += chunk;
  });
  await until(() => refused.closed, 5000, 'the end of the connection');
  expect(told).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\n[\s\S]*Retry-After: 5\r\n/);
  expect((await open(`${gateway.url}/test`, '127.0.0.2')).status).toBe(200);
  idle[0]?.destroy();
  await expect
    .poll(() => fetch(`${gateway.url}/test`, { method: 'POST', body: 'x' }).then(({ status }) => status))
    .toBe(202);
});

test('by default an address has three quarters of the connections, and a client as many streams', async () => {
  const gateway = await memoryGateway({ http: { maxConnections: 4 } });
  await Promise.all([1, 2, 3].map(() => connected(gateway.port)));
  const refused = await connected(gateway.port);
  refused.resume();
  await until(() => refused.closed, 5000, 'the end of the connection');
  expect((await open(`${gateway.url}/test`, '127.0.0.2')).status).toBe(200);
});

test('configurations: a client that uses its share is answered 429, the next that finds 200 in use 503', async () => {
  const plugin = endpointPlugin(new MemoryEndpoint(), {
    schema: { type: 'object', additionalProperties: false, properties: { place: { type: 'string' } } },
  });
  const configuration = { place: "{#request.headers['x-place'][0]}" };
  const api = apiDefinition({ endpoint: 'test', qos: 'none', configuration });
  const { url } = await startTestGateway({ apis: [api], plugins: [plugin] });
  const asked = async (address: string, count: number) => {
    const answers: number[] = [];
    for (let n = 0; n < count; n++) {
      const { status } = await open(`${url}/test`, address, { 'x-place': `${address}-${n}` });
      if (status !== 200) answers.push(status ?? 0);
    }
    return answers;
  };
  expect(await asked('127.0.0.1', 102)).toEqual([429, 429]);
  expect(await asked('127.0.0.2', 100)).toEqual([]);
  expect(await asked('127.0.0.3', 1)).toEqual([503]);
});

async function connected(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await until(() => !socket.connecting, 5000, 'a connection');
  return socket;
}
