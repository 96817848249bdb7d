import { type ExecutionContext, SluiceError } from '@sluice/core';
import { fakeContext, fakeHost, faultyEndpoint } from '@sluice/core/testing';
import sse from '@sluice/entrypoint-sse';
import { describe, expect, test } from 'vitest';
import { type ClientOptions, connect, createSse } from './serve.js';

describe('which request asks for a stream', () => {
  const matches = (method: string, ...accept: string[]) =>
    sse.matches({ method, headers: new Map(accept.length === 0 ? [] : [['accept', accept]]) });

  test.each([
    [['text/event-stream']],
    [['Text/Event-Stream']],
    [['text/event-stream;q=0.9']],
    [['text/html, text/event-stream']],
    [['text/html', 'text/event-stream']],
  ])('Accept %j does', (accept) => {
    expect(matches('GET', ...accept)).toBe(true);
  });

  test.each([
    [[]],
    [['*/*']],
    [['text/*']],
    [['text/html']],
    [['x-text/event-stream']],
    [['text/event-streams']],
  ])('Accept %j does not', (accept) => {
    expect(matches('GET', ...accept)).toBe(false);
  });

  test('only GET and HEAD do', () => {
    expect(matches('POST', 'text/event-stream')).toBe(false);
    expect(matches('HEAD', 'text/event-stream')).toBe(true);
  });
});

describe('where a client goes on', () => {
  const cursorOf = async (options: Pick<ClientOptions, 'headers' | 'query'>) => {
    const endpoint = faultyEndpoint([]);
    const { sink, done } = await connect(endpoint, options);
    sink.leave();
    await done;
    return endpoint.subscribes[0]?.request.cursor;
  };

  test('Last-Event-ID names it, byte for byte', async () => {
    expect(await cursorOf({ headers: { 'last-event-id': '12' } })).toBe('12');
  });

  test('the query parameter lastEventId names it where a header cannot be set', async () => {
    expect(await cursorOf({ query: 'lastEventId=13' })).toBe('13');
  });

  test('the header wins over the query: a reconnecting browser still has its first URL', async () => {
    expect(await cursorOf({ headers: { 'last-event-id': '12' }, query: 'lastEventId=3' })).toBe('12');
  });

  test.each(['cursor', 'lastEventID', 'Last-Event-ID'])('%s in the query does too', async (name) => {
    expect(await cursorOf({ query: `${name}=13` })).toBe('13');
  });

  test('since names a time', async () => {
    const endpoint = faultyEndpoint([]);
    const { sink, done } = await connect(endpoint, { query: 'since=2026-01-31T13:00:00+01:00' });
    sink.leave();
    await done;
    expect(endpoint.subscribes[0]?.request.since).toBe(Date.UTC(2026, 0, 31, 12));
  });

  test.each([
    ['lastEventId=1&lastEventId=1'],
    ['cursor=1&lastEventId=1'],
    ['cursor=1&since=2026-01-31'],
    ['since=2026-02-30'],
  ])('%s is refused before anything is opened', async (query) => {
    const endpoint = faultyEndpoint([]);
    await expect(connect(endpoint, { query })).rejects.toMatchObject({ key: 'INVALID_PARAMETER' });
    expect(endpoint.subscribes).toEqual([]);
  });

  test('an empty one is none', async () => {
    expect(await cursorOf({ headers: { 'last-event-id': '' }, query: 'lastEventId=' })).toBeUndefined();
  });
});

test('the bound of unsettled events is the one configured', async () => {
  const endpoint = faultyEndpoint([]);
  const { sink, done } = await connect(endpoint, { entrypoint: createSse({ maxInFlight: 17 }) });
  sink.leave();
  await done;
  expect(endpoint.subscribes[0]?.request.maxInFlight).toBe(17);
});

test('HEAD is answered with the headers of GET, and opens nothing', async () => {
  const endpoint = faultyEndpoint([]);
  const ctx = fakeContext({ request: { method: 'HEAD' } });
  const response = await createSse().handle(ctx, fakeHost({ endpoint, ctx, qos: 'none' }));
  expect(response).toMatchObject({
    status: 200,
    headers: { 'Content-Type': 'text/event-stream;charset=UTF-8' },
  });
  expect('stream' in response).toBe(false);
  expect(endpoint.subscribes).toHaveLength(0);
});

test('a client identifier that is not valid is refused before anything is opened', async () => {
  const endpoint = faultyEndpoint([]);
  const ctx: ExecutionContext = Object.defineProperty(fakeContext(), 'clientIdentifier', {
    get: () => {
      throw new SluiceError('BAD_REQUEST');
    },
  });
  const handled = createSse().handle(ctx, fakeHost({ endpoint, ctx, qos: 'none' }));
  await expect(handled).rejects.toMatchObject({ key: 'BAD_REQUEST' });
  expect(endpoint.openSubscriptions).toBe(0);
});
