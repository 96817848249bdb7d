import { type EndpointConnector, SluiceError } from '@sluice/core';
import { faultyEndpoint, MemoryEndpoint, numberedMessages, textMessage, until } from '@sluice/core/testing';
import { EventSource } from 'eventsource';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cutProxy } from '../support/cut-proxy.js';
import { apiDefinition, endpointPlugin, startTestGateway } from '../support/gateway.js';
import { sseClient } from '../support/sse-client.js';

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => String(from + n));

function streamOf(endpoint: EndpointConnector, api: object = {}) {
  return startTestGateway({
    plugins: [endpointPlugin(endpoint)],
    apis: [apiDefinition({ endpoint: 'test', ...api })],
  });
}

describe('a real EventSource', () => {
  const listen = (url: string) => {
    const source = new EventSource(url);
    onTestFinished(() => source.close());
    const data: string[] = [];
    source.addEventListener('message', (event) => data.push(event.data));
    return { source, data };
  };

  test('that is cut in the middle of an event goes on where it was: nothing is missing, nothing comes twice', async () => {
    const endpoint = new MemoryEndpoint({ messages: numberedMessages(40), partitions: 3 });
    const { port } = await streamOf(endpoint, { qos: 'none' });
    const { url, connections } = await cutProxy(port, [900]);
    const { data } = listen(`${url}/test`);
    await until(() => data.length >= 40, 10_000, 'all messages');
    expect(connections()).toBe(2);
    expect([...data].sort((a, b) => Number(a) - Number(b))).toEqual(numbers(0, 40));
  });

  test('that is cut before its first event misses nothing of what came meanwhile', async () => {
    const endpoint = new MemoryEndpoint({ messages: numberedMessages(3) });
    const { port } = await streamOf(endpoint, { qos: 'none' });
    const { url, connections } = await cutProxy(port, [450]);
    const started = await sseClient(`http://127.0.0.1:${port}/test`, { 'last-event-id': '2' });
    const opening = started.text();
    expect(opening).not.toContain('event:');
    const { data } = listen(`${url}/test?lastEventId=2`);
    await until(() => connections() === 1, 5000, 'the connection');
    for (const message of numberedMessages(3, 3)) endpoint.append(message);
    await until(() => data.length >= 3, 10_000, 'the messages');
    expect(data).toEqual(['3', '4', '5']);
  });

  test('understands every kind of message', async () => {
    const messages = [
      textMessage('two\r\nlines'),
      { ...textMessage(''), content: null },
      textMessage(''),
      { ...textMessage(''), content: Buffer.from([0xff]) },
    ];
    const { url } = await streamOf(new MemoryEndpoint({ messages }), { qos: 'none' });
    const source = new EventSource(`${url}/test`);
    onTestFinished(() => source.close());
    const seen: [string, string][] = [];
    for (const type of ['message', 'tombstone', 'binary']) {
      source.addEventListener(type, (event) => seen.push([type, event.data]));
    }
    await until(() => seen.length >= 4, 5000, 'four events');
    expect(seen).toEqual([
      ['message', 'two\nlines'],
      ['tombstone', ''],
      ['message', ''],
      ['binary', '/w=='],
    ]);
  });
});

test('the head of a stream is sent at once, though no message is there', async () => {
  const { url } = await streamOf(new MemoryEndpoint());
  const { status, headers } = await sseClient(`${url}/test`);
  expect(status).toBe(200);
  expect(headers).toMatchObject({
    'content-type': 'text/event-stream;charset=UTF-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    'transfer-encoding': 'chunked',
  });
  expect(headers['x-request-id']).toMatch(/./);
  expect(headers['x-gravitee-client-identifier']).toMatch(/^[\da-f]{64}$/);
});

test('the query parameter lastEventId names the start where no header can be set', async () => {
  const { url } = await streamOf(new MemoryEndpoint({ messages: numberedMessages(5) }));
  const client = await sseClient(`${url}/test?lastEventId=2`);
  expect((await client.events(2)).map(({ data }) => data)).toEqual(['3', '4']);
});

test('a cursor that is not valid is 400 INVALID_CURSOR, not a stream', async () => {
  const { url } = await streamOf(new MemoryEndpoint());
  const headers = { accept: 'text/event-stream, */*', 'last-event-id': 'nonsense' };
  const response = await fetch(`${url}/test`, { headers });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ key: 'INVALID_CURSOR' });
});

test('a heartbeat keeps an idle stream alive', async () => {
  const { url } = await streamOf(new MemoryEndpoint(), { sse: { heartbeatIntervalInMs: 2000 } });
  const client = await sseClient(`${url}/test`);
  await until(() => client.reading().comments.length > 0, 5000, 'a comment');
  expect(client.text()).toMatch(/\n\n:\n\n$/);
});

test('a client that leaves closes its subscription', async () => {
  const endpoint = faultyEndpoint(numberedMessages(3));
  const { url } = await streamOf(endpoint);
  const client = await sseClient(`${url}/test`);
  await client.events(3);
  expect(endpoint.openSubscriptions).toBe(1);
  client.leave();
  await until(() => endpoint.openSubscriptions === 0, 5000, 'the end of the subscription');
});

test('a client that leaves before the subscription is open leaves none behind', async () => {
  const endpoint = faultyEndpoint([], { subscribeDelayMs: 100 });
  const { url, log } = await streamOf(endpoint);
  const leaving = new AbortController();
  const asked = fetch(`${url}/test`, { headers: { accept: 'text/event-stream' }, signal: leaving.signal });
  await until(() => endpoint.subscribes.length === 1, 5000, 'the request');
  leaving.abort();
  await expect(asked).rejects.toThrow();
  await until(() => endpoint.openedSubscriptions === 1, 5000, 'the subscription');
  await until(() => endpoint.openSubscriptions === 0, 5000, 'its end');
  expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a subscription that takes too long is 504, and is closed when it comes after all', async () => {
  const endpoint = faultyEndpoint([], { subscribeDelayMs: 300 });
  const { url } = await startTestGateway({
    plugins: [endpointPlugin(endpoint)],
    apis: [apiDefinition({ endpoint: 'test' })],
    http: { requestTimeoutMs: 100 },
  });
  const response = await fetch(`${url}/test`, { headers: { accept: 'text/event-stream, */*' } });
  expect([response.status, await response.json()]).toMatchObject([504, { key: 'REQUEST_TIMEOUT' }]);
  await until(() => endpoint.openedSubscriptions === 1, 5000, 'the late subscription');
  await until(() => endpoint.openSubscriptions === 0, 5000, 'its end');
});

test('a stream lasts longer than the request timeout', async () => {
  const { url } = await startTestGateway({
    apis: [apiDefinition({ configuration: { messageInterval: 20 } })],
    http: { requestTimeoutMs: 100 },
  });
  const client = await sseClient(`${url}/test`);
  expect(await client.events(15)).toHaveLength(15);
});

test('a subscription that breaks tells the client, and ends its stream', async () => {
  const breakSubscription = { after: 2, error: new SluiceError('SUBSCRIBE_FAILED') };
  const { url } = await streamOf(faultyEndpoint(numberedMessages(9), { breakSubscription }));
  const client = await sseClient(`${url}/test`);
  await client.ended();
  expect(client.reading().events.map(({ type }) => type)).toEqual(['message', 'message', 'error']);
  expect(client.reading().lastEventId).toBe('1');
});

test('a client that names itself is told apart from the nameless ones of its address', async () => {
  const endpoint = faultyEndpoint(numberedMessages(4));
  const { url } = await streamOf(endpoint);
  const named = { 'x-gravitee-client-identifier': 'me' };
  for (const headers of [{}, named]) await (await sseClient(`${url}/test`, headers)).events(1);
  const [nameless, mine] = endpoint.subscribes.map(({ ctx }) => ctx.clientIdentifier);
  expect(nameless).toMatch(/^[\da-f]{64}$/);
  expect(mine).toBe(`me-${nameless}`);
});
