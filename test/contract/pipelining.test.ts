import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { type Faults, faultyEndpoint, numberedMessages, until } from '@sluice/core/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  apiDefinition,
  endpointPlugin,
  startTestGateway,
  type TestGatewayOptions,
} from '../support/gateway.js';
import { rawSocket } from '../support/raw-socket.js';

async function started(faults: Faults = {}, http: TestGatewayOptions['http'] = {}) {
  const endpoint = faultyEndpoint(numberedMessages(1), faults);
  const gateway = await startTestGateway({
    plugins: [endpointPlugin(endpoint)],
    apis: [apiDefinition({ endpoint: 'test', qos: 'none' })],
    http,
  });
  const contents = () => endpoint.offered.map(({ content }) => String(content));
  return { ...gateway, endpoint, contents };
}

const request = (path: string, body = '', method = 'POST', ...headers: string[]) =>
  [`${method} ${path} HTTP/1.1`, 'Host: a', `Content-Length: ${body.length}`, ...headers, '', body].join(
    '\r\n',
  );
const statuses = (text: string) =>
  [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));

describe('requests that are sent ahead on one connection', () => {
  test('are served one after the other, and answered in their order', async () => {
    const { port, endpoint, contents } = await started({ hangPublish: (publish) => publish === 0 });
    const raw = await rawSocket(port);
    raw.socket.write(
      request('/test', 'a') + request('/test', 'b') + request('/none') + request('/test', 'c'),
    );
    await until(() => endpoint.hanging === 1, 5000, 'the first');
    expect(contents()).toEqual(['a']);
    endpoint.release();
    await until(() => statuses(raw.received()).length === 4, 5000, 'the answers');
    expect(statuses(raw.received())).toEqual([202, 202, 404, 202]);
    expect(contents()).toEqual(['a', 'b', 'c']);
  });

  test.each([
    ['an unknown path', request('/none', '{}'), {}],
    ['a method that is not taken', request('/test', '{}', 'PUT'), {}],
    ['a body that is too large', request('/test', 'x'.repeat(200)), { maxBodyBytes: 100 }],
    ['a target that is none', request('/te\\st', '{}'), {}],
    ['a request to close', request('/test', '', 'POST', 'Connection: close'), {}],
  ])('are not carried out behind an answer to %s that closes the connection', async (_, first, http) => {
    const { port, contents } = await started({}, http);
    const raw = await rawSocket(port);
    raw.socket.write(first + request('/test', 'behind') + request('/test', 'behind'));
    await raw.closed();
    expect(statuses(raw.received())).toHaveLength(1);
    expect(raw.received()).toMatch(/connection: close/i);
    expect(contents()).toEqual([]);
  });

  test('behind a stream are not served before its end, and leave nothing behind', async () => {
    const { port, endpoint, url } = await started();
    const raw = await rawSocket(port);
    raw.socket.write(request('/test', '', 'GET', 'Accept: text/event-stream').repeat(1000));
    await raw.receives(/data: 0/);
    await until(() => endpoint.openSubscriptions === 1, 5000, 'the stream');
    expect((await fetch(`${url}/test`, { method: 'POST', body: 'x' })).status).toBe(202);
    expect(endpoint.openedSubscriptions).toBe(1);
    raw.socket.destroy();
    await until(() => endpoint.openSubscriptions === 0, 12_000, 'the end of the stream');
    expect(endpoint.openedSubscriptions).toBe(1);
  });

  test('by thousands do not keep others waiting', async () => {
    const { port, url } = await started();
    const raw = await rawSocket(port);
    raw.socket.write(request('/none').repeat(10_000));
    await until(() => statuses(raw.received()).length > 0, 5000, 'the first answer');
    expect((await fetch(`${url}/test`, { method: 'POST', body: 'x' })).status).toBe(202);
    expect(statuses(raw.received()).length).toBeLessThan(5000);
    await until(() => statuses(raw.received()).length === 10_000, 20_000, 'all answers');
  });

  test('with their bodies in pieces arrive whole', async () => {
    const { port, contents } = await started({ publishDelayMs: 20 });
    const raw = await rawSocket(port);
    const all = ['a'.repeat(50_000), 'b'.repeat(100_000), 'c'];
    const bytes = all.map((body) => request('/test', body)).join('');
    for (let at = 0; at < bytes.length; at += 30_000) raw.socket.write(bytes.slice(at, at + 30_000));
    await until(() => statuses(raw.received()).length === 3, 5000, 'the answers');
    expect(contents()).toEqual(all);
  });
});

describe('what is no request', () => {
  test('is answered behind the answers that are due', async () => {
    const { port, endpoint, contents } = await started({ hangPublish: (publish) => publish === 0 });
    const raw = await rawSocket(port);
    raw.socket.write(`${request('/test', 'good')}NONSENSE\r\n\r\n`);
    await until(() => endpoint.hanging === 1, 5000, 'the first');
    endpoint.release();
    await raw.closed();
    expect(statuses(raw.received())).toEqual([202, 400]);
    expect(contents()).toEqual(['good']);
  });

  test('as a body is answered at once, and behind what is due where it was sent ahead', async () => {
    const { port, contents, endpoint } = await started({ hangPublish: (publish) => publish === 0 });
    const broken = 'POST /test HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n';
    const alone = await rawSocket(port);
    alone.socket.write(broken);
    await alone.closed();
    expect(statuses(alone.received())).toEqual([400]);
    const ahead = await rawSocket(port);
    ahead.socket.write(request('/test', 'good') + broken);
    await until(() => endpoint.hanging === 1, 5000, 'the first');
    endpoint.release();
    await ahead.closed();
    expect(statuses(ahead.received())).toEqual([202, 400]);
    expect(contents()).toEqual(['good']);
  });
});

test('an upgrade that was sent ahead is offered behind the answers that are due', async () => {
  const { port, endpoint, contents } = await started({ hangPublish: (publish) => publish === 0 });
  const raw = await rawSocket(port);
  const offer = request('/test', 'b', 'POST', 'Connection: Upgrade', 'Upgrade: h2c');
  raw.socket.write(request('/test', 'a') + offer + request('/test', 'c'));
  await until(() => endpoint.hanging === 1, 5000, 'the first');
  expect(contents()).toEqual(['a']);
  endpoint.release();
  await until(() => statuses(raw.received()).length === 3, 5000, 'the answers');
  expect(statuses(raw.received())).toEqual([202, 202, 202]);
  expect(contents()).toEqual(['a', 'b', 'c']);
});

test('a connection on which an upgrade is offered again and again is closed in the end, and leaks nothing', async () => {
  const { port, contents } = await started();
  const raw = await rawSocket(port);
  const offer = request('/test', 'x', 'POST', 'Connection: Upgrade', 'Upgrade: h2c');
  for (let sent = 1; sent <= 5; sent++) {
    raw.socket.write(offer);
    await until(() => statuses(raw.received()).length === sent, 5000, `answer ${sent}`);
  }
  await raw.closed();
  expect(statuses(raw.received())).toEqual([202, 202, 202, 202, 202]);
  expect(contents()).toHaveLength(5);
});

test('a connection that is closed with a thousand requests ahead costs no stack for each', async () => {
  const { port, endpoint } = await started({ hangPublish: (publish) => publish === 0 });
  let accepted: Socket | undefined;
  const note = (told: unknown) => {
    accepted = (told as { readonly socket: Socket }).socket;
  };
  subscribe('net.server.socket', note);
  onTestFinished(() => void unsubscribe('net.server.socket', note));
  const raw = await rawSocket(port);
  raw.socket.write(request('/test', 'a').repeat(1000));
  await until(() => endpoint.hanging === 1, 5000, 'the first');
  const { prepareStackTrace, stackTraceLimit } = Error;
  let stacks = 0;
  onTestFinished(() => {
    Error.prepareStackTrace = prepareStackTrace;
  });
  Error.prepareStackTrace = (error, sites) => {
    if (sites.length > 0) stacks++;
    return String(error);
  };
  raw.socket.resetAndDestroy();
  // While nothing is read from it, its end is noticed by the answer.
  endpoint.release();
  await until(() => accepted?.closed === true, 5000, 'the end of the connection');
  expect(stacks).toBeLessThan(20);
  expect(Error.stackTraceLimit).toBe(stackTraceLimit);
});
