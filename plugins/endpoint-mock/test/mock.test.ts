import type { Delivery, EndpointConnector, Subscription } from '@sluice/core';
import { fakeContext, recordingLogger, textMessage } from '@sluice/core/testing';
import mock from '@sluice/endpoint-mock';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

const DEFAULTS = { messageInterval: 1000, messageContent: 'mock message', headers: [], metadata: [] };

function create(config: object): EndpointConnector {
  return mock.create({ ...DEFAULTS, ...config }, {}, { apiId: 'test', log: recordingLogger() });
}

async function read(subscription: Subscription, count: number): Promise<readonly Delivery[]> {
  const deliveries: Delivery[] = [];
  for await (const batch of subscription) {
    deliveries.push(...batch);
    if (deliveries.length >= count) break;
  }
  return deliveries;
}

describe('with time under control', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('a message comes at each interval, the first one after the first interval', async () => {
    const subscription = await create({}).subscribe(fakeContext(), { qos: 'none', maxInFlight: 10 });
    const ids: string[] = [];
    const reading = (async () => {
      for await (const batch of subscription) ids.push(...batch.map(({ message }) => message.id));
    })();
    await vi.advanceTimersByTimeAsync(999);
    expect(ids).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(ids).toEqual(['0']);
    await vi.advanceTimersByTimeAsync(3000);
    expect(ids).toEqual(['0', '1', '2', '3']);
    await subscription.close();
    await reading;
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('messages have the content, headers and metadata of the configuration', async () => {
  const endpoint = create({
    messageInterval: 0,
    messageContent: 'tick ✓',
    headers: [
      { name: 'X-Same', value: 'one' },
      { name: 'X-Same', value: 'two' },
    ],
    metadata: [{ name: 'place', value: 'here' }],
  });
  const [first] = await read(await endpoint.subscribe(fakeContext(), { qos: 'none', maxInFlight: 1 }), 1);
  expect(first?.message).toMatchObject({
    id: '0',
    key: null,
    content: Buffer.from('tick ✓'),
    headers: [
      ['X-Same', Buffer.from('one')],
      ['X-Same', Buffer.from('two')],
    ],
    metadata: { place: 'here' },
  });
});

test('messageCount bounds the number of a message, not how many one client gets', async () => {
  const endpoint = create({ messageInterval: 0, messageCount: 5 });
  const subscription = await endpoint.subscribe(fakeContext(), { qos: 'none', maxInFlight: 1, cursor: '2' });
  const numbers = await read(subscription, Number.POSITIVE_INFINITY);
  expect(numbers.map(({ message }) => message.id)).toEqual(['3', '4']);
});

test('a cursor beyond messageCount brings nothing, and ends', async () => {
  const endpoint = create({ messageInterval: 0, messageCount: 5 });
  const subscription = await endpoint.subscribe(fakeContext(), { qos: 'none', maxInFlight: 1, cursor: '99' });
  expect(await read(subscription, 1)).toEqual([]);
});

test('an endless mock without an interval leaves turns of the event loop to others', async () => {
  const endpoint = create({ messageInterval: 0 });
  const subscription = await endpoint.subscribe(fakeContext(), { qos: 'none', maxInFlight: 1 });
  let turns = 0;
  const others = setInterval(() => turns++, 1);
  const started = performance.now();
  for await (const _ of subscription) if (performance.now() - started > 50) break;
  clearInterval(others);
  expect(turns).toBeGreaterThan(5);
});

test('what is published is counted in the log, without its content, and said to be stored', async () => {
  const log = recordingLogger();
  const messages = [textMessage('secret'), { ...textMessage(''), content: null }];
  const results = await create({}).publish(fakeContext({ log }), messages, { qos: 'at-least-once' });
  expect(results).toEqual([
    { ok: true, storedAt: [] },
    { ok: true, storedAt: [] },
  ]);
  expect(log.lines.map(({ members }) => members)).toEqual([{ bytes: 6 }, { bytes: null }]);
  expect(JSON.stringify(log.lines)).not.toContain('secret');
});

test('stopping ends the streams of an endless mock', async () => {
  const endpoint = create({ messageInterval: 1000 });
  const subscription = await endpoint.subscribe(fakeContext(), { qos: 'none', maxInFlight: 1 });
  const pulled = subscription[Symbol.asyncIterator]().next();
  await endpoint.stop(1000);
  expect(await pulled).toEqual({ done: true, value: undefined });
});
