import { faultyEndpoint, MemoryEndpoint, numberedMessages, until } from '@sluice/core/testing';
import { expect, onTestFinished, test } from 'vitest';
import {
  apiDefinition,
  endpointPlugin,
  startTestGateway,
  type TestGatewayOptions,
} from '../support/gateway.js';
import { rawSocket } from '../support/raw-socket.js';
import { sseClient } from '../support/sse-client.js';

const POST = 'POST /test HTTP/1.1\r\nHost: g\r\nContent-Length: 1\r\n\r\nx';

function gatewayOver(
  endpoint: MemoryEndpoint | ReturnType<typeof faultyEndpoint>,
  more: TestGatewayOptions = {},
) {
  const apis = [apiDefinition({ endpoint: 'test' })];
  return startTestGateway({ plugins: [endpointPlugin(endpoint)], apis, ...more });
}

async function timed<T>(work: Promise<T>): Promise<{ value: T; ms: number }> {
  const began = performance.now();
  return { value: await work, ms: performance.now() - began };
}

test('a stream is told to go and ended, and the gateway stops long before its drain timeout', async () => {
  const { url, stop } = await gatewayOver(new MemoryEndpoint({ messages: numberedMessages(2) }));
  const client = await sseClient(`${url}/test`);
  await client.events(2);
  const { value, ms } = await timed(stop());
  expect(value).toEqual([]);
  expect(ms).toBeLessThan(2000);
  await client.ended();
  const { events, retryMs } = client.reading();
  expect(events.at(-1)).toMatchObject({
    type: 'goaway',
    data: 'Stopping, please reconnect',
    lastEventId: '1',
  });
  expect(retryMs).toBeGreaterThan(0);
});

test('a client that keeps its connection after the end of its stream does not hold up the stop', async () => {
  const { port, stop } = await gatewayOver(new MemoryEndpoint());
  const raw = await rawSocket(port);
  raw.socket.write('GET /test HTTP/1.1\r\nHost: g\r\nAccept: text/event-stream\r\n\r\n');
  await raw.receives(/retry: /);
  const { ms } = await timed(stop());
  expect(ms).toBeLessThan(2000);
  expect(await raw.receives(/\r\n0\r\n\r\n$/)).toContain('event: goaway');
  await raw.closed();
});

test('a client that keeps its connection after its answer does not hold up the stop', async () => {
  const { port, stop } = await gatewayOver(new MemoryEndpoint());
  const raw = await rawSocket(port);
  raw.socket.write(POST);
  await raw.receives(/^HTTP\/1\.1 202 .*\r\n\r\n/s);
  const { ms } = await timed(stop());
  expect(ms).toBeLessThan(2000);
  await raw.closed();
});

test('a hundred streams are told to go, each at its own time to come back', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on('warning', onWarning);
  onTestFinished(() => void process.off('warning', onWarning));
  const { url, stop } = await gatewayOver(new MemoryEndpoint());
  const clients = await Promise.all(Array.from({ length: 100 }, () => sseClient(`${url}/test`)));
  await stop();
  await Promise.all(clients.map((client) => client.ended()));
  const returns = clients.map((client) => client.reading().retryMs);
  expect(clients.every((client) => client.text().includes('event: goaway'))).toBe(true);
  expect(new Set(returns).size).toBeGreaterThan(50);
  expect(warnings, 'node sees no leak in that many listeners').toEqual([]);
});

test('a POST in flight is answered before the gateway is gone, and its connection then closed', async () => {
  const endpoint = faultyEndpoint([], { publishDelayMs: 200 });
  const { port, stop } = await gatewayOver(endpoint);
  const raw = await rawSocket(port);
  raw.socket.write(POST);
  await until(() => endpoint.offered.length === 1, 5000, 'the message');
  const { value, ms } = await timed(stop());
  expect(await raw.receives(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 202 .*connection: close/is);
  expect(value).toEqual([]);
  expect(ms).toBeLessThan(3000);
  await raw.closed();
});

test('a request on an open connection is answered 503 goaway while the gateway drains', async () => {
  const endpoint = faultyEndpoint([], { publishDelayMs: 200 });
  const { port, stop } = await gatewayOver(endpoint);
  const raw = await rawSocket(port);
  raw.socket.write(POST);
  await until(() => endpoint.offered.length === 1, 5000, 'the message');
  const late = await rawSocket(port);
  late.socket.write('POST /test HTTP/1.1\r\nHost: g\r\n');
  await until(() => late.socket.bytesWritten > 0, 5000, 'the first bytes');
  const stopped = stop();
  late.socket.write('Accept: */*\r\nContent-Length: 1\r\n\r\nx');
  const answer = await late.receives(/"key":"goaway"/);
  expect(answer).toMatch(/^HTTP\/1\.1 503 /);
  expect(answer).toMatch(/\r\nretry-after: 1\r\n/i);
  await late.closed();
  await stopped;
  expect(endpoint.offered).toHaveLength(1);
});

test('no new connection is taken while the gateway drains', async () => {
  const endpoint = faultyEndpoint([], { publishDelayMs: 300 });
  const { url, stop } = await gatewayOver(endpoint);
  const inFlight = fetch(`${url}/test`, { method: 'POST', body: 'x' });
  await until(() => endpoint.offered.length === 1, 5000, 'the message');
  const stopped = stop();
  await expect(fetch(`${url}/test`, { method: 'POST', body: 'y' })).rejects.toThrow();
  expect((await inFlight).status).toBe(202);
  await stopped;
});

test('readiness goes down before the drain begins, liveness stays', async () => {
  const endpoint = faultyEndpoint([], { publishDelayMs: 300 });
  const { url, adminUrl, stop } = await gatewayOver(endpoint);
  const health = async (path: string) => (await fetch(`${adminUrl}/health/${path}`)).status;
  expect([await health('ready'), await health('live')]).toEqual([200, 200]);
  const inFlight = fetch(`${url}/test`, { method: 'POST', body: 'x' });
  await until(() => endpoint.offered.length === 1, 5000, 'the message');
  const stopped = stop();
  expect([await health('ready'), await health('live')]).toEqual([503, 200]);
  await Promise.all([inFlight, stopped]);
});

test('what hangs is cut at the drain timeout, and said in the log', async () => {
  const endpoint = faultyEndpoint([], { hangPublish: () => true });
  endpoint.stop = () => Promise.resolve();
  const { port, stop, log } = await gatewayOver(endpoint, { drainTimeoutMs: 2300 });
  const raw = await rawSocket(port);
  raw.socket.write(POST);
  await until(() => endpoint.hanging === 1, 5000, 'the publish');
  const { value, ms } = await timed(stop());
  expect(value).toEqual([]);
  expect(ms).toBeGreaterThanOrEqual(250);
  expect(ms).toBeLessThan(2300);
  await raw.closed();
  expect(raw.received()).toBe('');
  expect(log.lines).toContainEqual({
    level: 'warn',
    message: 'connections were cut at the drain timeout',
    members: { connections: 1 },
  });
});

test('a client that reads nothing does not keep the gateway from stopping', async () => {
  const { port, stop } = await startTestGateway({
    apis: [apiDefinition({ configuration: { messageInterval: 0, messageContent: 'x'.repeat(1024) } })],
    drainTimeoutMs: 2300,
  });
  const raw = await rawSocket(port);
  raw.socket.pause();
  raw.socket.write('GET /test HTTP/1.1\r\nHost: g\r\nAccept: text/event-stream\r\n\r\n');
  await until(() => raw.socket.bytesWritten > 0, 5000, 'the request');
  const { value, ms } = await timed(stop());
  expect(value).toEqual([]);
  expect(ms).toBeLessThan(2300);
});

test('the endpoints are stopped once, after the last answer, with what is left of the time', async () => {
  const endpoint = faultyEndpoint([]);
  const order: string[] = [];
  endpoint.publish = async (_ctx, messages) => {
    order.push('asked');
    await new Promise((resolve) => setTimeout(resolve, 150));
    order.push('answered');
    return messages.map(() => ({ ok: true, storedAt: [] }));
  };
  endpoint.stop = async (timeoutMs) => {
    order.push(`stopped with ${timeoutMs > 0 && timeoutMs < 5000 ? 'time' : 'no time'}`);
  };
  const { url, stop } = await gatewayOver(endpoint);
  const inFlight = fetch(`${url}/test`, { method: 'POST', body: 'x' });
  await until(() => order.length > 0, 5000, 'the message');
  await Promise.all([stop(), stop(), inFlight]);
  await stop();
  expect(order).toEqual(['asked', 'answered', 'stopped with time']);
});

test('connections that were opened and never used do not hold up the stop', async () => {
  const { port, stop } = await gatewayOver(new MemoryEndpoint());
  const unused = await Promise.all(Array.from({ length: 5 }, () => rawSocket(port)));
  // A request goes through the same port, so the gateway has taken the connections before it.
  const used = await rawSocket(port);
  used.socket.write(POST);
  await used.receives(/202/);
  const { ms } = await timed(stop());
  expect(ms).toBeLessThan(1000);
  await Promise.all(unused.map((raw) => raw.closed()));
});

test('an endpoint that does not stop is named, and does not keep another from stopping', async () => {
  const bad = faultyEndpoint([]);
  bad.stop = () => Promise.reject(new Error('the broker is gone'));
  const good = new MemoryEndpoint();
  let stopped = false;
  good.stop = async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    stopped = true;
  };
  const { stop, log } = await startTestGateway({
    plugins: [endpointPlugin(bad, { id: 'bad' }), endpointPlugin(good, { id: 'good' })],
    apis: [apiDefinition({ id: 'a', endpoint: 'bad' }), apiDefinition({ id: 'b', endpoint: 'good' })],
  });
  expect(await stop()).toEqual(['API definitions']);
  expect(stopped).toBe(true);
  expect(JSON.stringify(log.lines.map(({ message }) => message))).toContain('did not stop cleanly');
});
