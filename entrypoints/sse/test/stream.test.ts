import { SluiceError } from '@sluice/core';
import {
  faultyEndpoint,
  MemoryEndpoint,
  numberedMessages,
  RecordingSink,
  textMessage,
} from '@sluice/core/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseSse } from '../../../test/support/sse-parser.js';
import { connect, createSse } from './serve.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount(), 'a stream that has ended leaves no timer behind').toBe(0);
  vi.useRealTimers();
});

/** Lets everything that waits for no timer happen. */
const settle = () => vi.advanceTimersByTimeAsync(0);

test('a stream begins with the time to wait before a reconnect, and the id it starts from', async () => {
  const { sink, done } = await connect(faultyEndpoint(numberedMessages(3)), {
    headers: { 'last-event-id': '0' },
  });
  expect(parseSse(String(sink.chunks[0]))).toMatchObject({ events: [], lastEventId: '0' });
  const { retryMs } = parseSse(sink.text);
  expect(retryMs).toBeGreaterThanOrEqual(500);
  expect(retryMs).toBeLessThan(5000);
  sink.leave();
  await done;
});

test('the answer forbids caching and buffering, and returns the client identifier', async () => {
  const { sink, done, headers } = await connect(faultyEndpoint([]));
  expect(headers).toEqual({
    'Content-Type': 'text/event-stream;charset=UTF-8',
    'Cache-Control': 'no-cache, no-transform',
    Connection: 'keep-alive',
    'X-Accel-Buffering': 'no',
    'X-Gravitee-Client-Identifier': 'client-1',
  });
  sink.leave();
  await done;
});

describe('heartbeat', () => {
  test('a comment is sent after each interval in which nothing came', async () => {
    const { sink, done } = await connect(faultyEndpoint([]));
    // Up to a quarter sooner, so that those of many clients are spread.
    await vi.advanceTimersByTimeAsync(3749);
    expect(sink.chunks).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1251);
    expect(sink.chunks.slice(1).map(String)).toEqual([':\n\n']);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sink.chunks.slice(1, 4).map(String)).toEqual([':\n\n', ':\n\n', ':\n\n']);
    sink.leave();
    await done;
  });

  test('an event puts the heartbeat off', async () => {
    const endpoint = new MemoryEndpoint();
    const { sink, done } = await connect(endpoint, {
      entrypoint: createSse({ heartbeatIntervalInMs: 2000 }),
    });
    await vi.advanceTimersByTimeAsync(1490);
    endpoint.append(textMessage('now'));
    await vi.advanceTimersByTimeAsync(1499);
    expect(sink.text).not.toContain(':\n\n');
    await vi.advanceTimersByTimeAsync(501);
    expect(sink.text).toContain(':\n\n');
    sink.leave();
    await done;
  });
});

describe('back-pressure', () => {
  test('one batch at most is held beyond what the client took', async () => {
    const endpoint = faultyEndpoint(numberedMessages(100));
    const sink = new RecordingSink();
    sink.hold();
    const { done } = await connect(endpoint, { sink });
    await settle();
    expect(endpoint.deliveries.delivered).toBe(10);
    sink.take();
    await settle();
    expect(endpoint.deliveries.delivered).toBe(20);
    sink.leave();
    await done;
  });

  test('a client that takes nothing for stallTimeoutMs is cut with SLOW_CONSUMER, and its subscription closed', async () => {
    const endpoint = faultyEndpoint(numberedMessages(100));
    const sink = new RecordingSink();
    sink.hold();
    const entrypoint = createSse({ stallTimeoutMs: 1000 });
    const { done, outcome } = await connect(endpoint, { sink, entrypoint });
    await vi.advanceTimersByTimeAsync(999);
    expect(outcome()).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    await done;
    expect(outcome()).toMatchObject({ key: 'SLOW_CONSUMER' });
    expect(endpoint.openSubscriptions).toBe(0);
    expect(sink.text).not.toContain('event: error');
  });

  test('a client that takes nothing is cut also while nothing comes', async () => {
    const endpoint = faultyEndpoint([]);
    const sink = new RecordingSink(100_000);
    sink.hold();
    const entrypoint = createSse({ heartbeatIntervalInMs: 100, stallTimeoutMs: 1000 });
    const client = await connect(endpoint, { entrypoint, sink });
    await vi.advanceTimersByTimeAsync(950);
    expect(client.outcome()).toBeUndefined();
    await vi.advanceTimersByTimeAsync(200);
    await client.done;
    expect(client.outcome()).toMatchObject({ key: 'SLOW_CONSUMER' });
    expect(endpoint.openSubscriptions).toBe(0);
  });

  test('a client that takes nothing holds a stop for a second, not for stallTimeoutMs', async () => {
    const sink = new RecordingSink();
    sink.hold();
    const entrypoint = createSse({ stallTimeoutMs: 60_000 });
    const { done, outcome, stopping } = await connect(faultyEndpoint(numberedMessages(100)), {
      sink,
      entrypoint,
    });
    await vi.advanceTimersByTimeAsync(5000);
    stopping.abort();
    await vi.advanceTimersByTimeAsync(999);
    expect(outcome()).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    await done;
    expect(outcome()).toMatchObject({ key: 'SLOW_CONSUMER' });
  });

  test('a client that takes something in time is not cut', async () => {
    const endpoint = faultyEndpoint(numberedMessages(100));
    const sink = new RecordingSink();
    sink.hold();
    const { done, outcome } = await connect(endpoint, {
      sink,
      entrypoint: createSse({ stallTimeoutMs: 1000 }),
    });
    for (let round = 0; round < 5; round++) {
      await vi.advanceTimersByTimeAsync(900);
      sink.take();
    }
    await settle();
    expect(outcome()).toBeUndefined();
    expect(endpoint.deliveries.delivered).toBe(60);
    sink.leave();
    await done;
  });
});

describe('the end', () => {
  test('at a stop the client is told to go, after what was written, at a time of its own to come back', async () => {
    const ends = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const { sink, stopping, done, outcome } = await connect(faultyEndpoint(numberedMessages(2)));
        await settle();
        stopping.abort();
        await done;
        expect(outcome()).toBe('ended');
        return parseSse(sink.text);
      }),
    );
    for (const { events, lastEventId } of ends) {
      expect(events.map(({ type }) => type)).toEqual(['message', 'message', 'goaway']);
      expect(events[2]).toEqual({ type: 'goaway', data: 'Stopping, please reconnect', lastEventId });
      expect(lastEventId).toBe('1');
    }
    expect(new Set(ends.map(({ retryMs }) => retryMs)).size, 'the returns are spread').toBeGreaterThan(1);
  });

  test('a client that leaves is written nothing more, and no goaway', async () => {
    const endpoint = faultyEndpoint(numberedMessages(1));
    const { sink, stopping, done, outcome } = await connect(endpoint);
    await settle();
    const before = sink.chunks.length;
    sink.leave();
    stopping.abort();
    await done;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(outcome()).toBe('ended');
    expect(sink.chunks.length - before).toBeLessThanOrEqual(1);
    expect(endpoint.openSubscriptions).toBe(0);
  });

  test('a fault of the endpoint reaches the client as an error event without an id, and its cause only the log', async () => {
    const cause = new Error('broker-7.internal refused us');
    const error = new SluiceError('SUBSCRIBE_FAILED', { cause });
    const endpoint = faultyEndpoint(numberedMessages(5), { breakSubscription: { after: 2, error } });
    const { sink, log, done, outcome } = await connect(endpoint);
    await done;
    expect(outcome()).toBe('ended');
    const last = parseSse(sink.text).events.at(-1);
    expect(last).toMatchObject({ type: 'error', lastEventId: '1' });
    expect(JSON.parse(last?.data ?? '')).toEqual({
      message: 'The endpoint refused the subscription',
      http_status_code: 502,
      key: 'SUBSCRIBE_FAILED',
      request_id: 'request-1',
    });
    expect(sink.text).not.toContain('internal');
    expect(log.lines).toMatchObject([{ level: 'error', members: { key: 'SUBSCRIBE_FAILED', err: cause } }]);
  });

  test('what is thrown by accident is an INTERNAL_ERROR to the client, without its words', async () => {
    const breakSubscription = { after: 0, error: new TypeError('x is not a function') };
    const { sink, log, done } = await connect(faultyEndpoint([], { breakSubscription }));
    await done;
    expect(sink.text).toContain('"key":"INTERNAL_ERROR"');
    expect(sink.text).not.toContain('x is not a function');
    expect(log.lines).toMatchObject([{ level: 'error', members: { err: breakSubscription.error } }]);
  });
});

test('a gap is told in front of the batch that follows it, without an id', async () => {
  const gap = { key: 'CURSOR_EXPIRED', source: 'orders@0', from: 3, to: 8 } as const;
  const { sink, done } = await connect(faultyEndpoint(numberedMessages(2), { gap }));
  await settle();
  const { events } = parseSse(sink.text);
  expect(events.map(({ type }) => type)).toEqual(['gap', 'message', 'message']);
  expect(JSON.parse(events[0]?.data ?? '')).toEqual(gap);
  expect(events[0]?.lastEventId).toBe('-1');
  sink.leave();
  await done;
});

test('at none nothing is acknowledged', async () => {
  const endpoint = faultyEndpoint(numberedMessages(5));
  const { sink, done } = await connect(endpoint, { qos: 'none' });
  await settle();
  expect(endpoint.deliveries).toMatchObject({ delivered: 5, acked: [], nacked: [] });
  sink.leave();
  await done;
});
