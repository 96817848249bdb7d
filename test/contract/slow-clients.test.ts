import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { EndpointConnector } from '@sluice/core';
import { type FaultyEndpoint, faultyEndpoint, pause, recordingLogger, until } from '@sluice/core/testing';
import mock from '@sluice/endpoint-mock';
import { expect, onTestFinished, test } from 'vitest';
import { apiDefinition, endpointPlugin, startTestGateway } from '../support/gateway.js';
import { sseClient } from '../support/sse-client.js';

const ENDLESS = { messageInterval: 0, messageContent: 'x'.repeat(1024) };

/** Asks for the stream and reads nothing of it. */
async function deafClient(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.pause();
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write('GET /test HTTP/1.1\r\nHost: g\r\nAccept: text/event-stream\r\n\r\n');
  return socket;
}

function endlessMock(): EndpointConnector {
  const config = { ...ENDLESS, headers: [], metadata: [] };
  return mock.create(config, {}, { apiId: 'test', log: recordingLogger() });
}

/** Resolves once nothing more is read for anybody. */
async function standstill(endpoint: FaultyEndpoint): Promise<void> {
  let seen = -1;
  while (seen !== endpoint.deliveries.delivered) {
    seen = endpoint.deliveries.delivered;
    await pause(300);
    // The system's own buffers take some megabytes a connection, then it is enough.
    expect(seen).toBeLessThan(200 * 20_000);
  }
}

test('a client that reads nothing never holds back another', async () => {
  const { port, url } = await startTestGateway({ apis: [apiDefinition({ configuration: ENDLESS })] });
  for (let n = 0; n < 5; n++) await deafClient(port);
  const reader = await sseClient(`${url}/test`);
  await until(() => reader.text().length > 5000 * 1024, 10_000, 'five thousand events of 1 KiB');
  const ids = reader.reading().events.map(({ lastEventId }) => Number(lastEventId));
  expect(ids).toEqual(Array.from({ length: ids.length }, (_, n) => n));
});

test('a client that reads nothing is cut after stallTimeoutMs, and the log says why', async () => {
  const { port, log } = await startTestGateway({
    apis: [apiDefinition({ configuration: ENDLESS, sse: { stallTimeoutMs: 1000 } })],
  });
  const socket = await deafClient(port);
  const cut = () => log.lines.find(({ members }) => members.key === 'SLOW_CONSUMER');
  await until(() => cut() !== undefined, 5000, 'the cut');
  expect(cut()).toMatchObject({ level: 'warn', members: { method: 'GET', path: '/test' } });
  socket.resume();
  await once(socket, 'close');
});

test('a client that leaves while it reads nothing closes its subscription long before the stall time', async () => {
  const endpoint = faultyEndpoint(endlessMock());
  const { port } = await startTestGateway({
    plugins: [endpointPlugin(endpoint)],
    apis: [apiDefinition({ endpoint: 'test' })],
  });
  const socket = await deafClient(port);
  await standstill(endpoint);
  expect(endpoint.openSubscriptions).toBe(1);
  socket.destroy();
  await until(() => endpoint.openSubscriptions === 0, 5000, 'the end of the subscription');
});

test('two hundred clients that read nothing stop being read for, and memory stays where it is', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const usedMb = () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return (heapUsed + external) / 1024 ** 2;
  };
  const endpoint = faultyEndpoint(endlessMock());
  const { port } = await startTestGateway({
    plugins: [endpointPlugin(endpoint)],
    apis: [apiDefinition({ endpoint: 'test' })],
  });
  const before = usedMb();
  for (let n = 0; n < 200; n++) await deafClient(port);
  await standstill(endpoint);
  expect(endpoint.openSubscriptions).toBe(200);
  expect(endpoint.deliveries.delivered).toBeGreaterThan(200 * 100);
  // For each client: a batch of a hundred messages of 1 KiB, its bytes, and what this test's own sockets hold.
  expect(usedMb() - before).toBeLessThan(200);
  // Half a million messages are framed.
}, 60_000);
