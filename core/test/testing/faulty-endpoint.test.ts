import { type Delivery, SluiceError } from '@sluice/core';
import { type Faults, fakeContext, faultyEndpoint, numberedMessages, pause } from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';

const text = ({ message }: Delivery) => String(message.content);

async function read(faults: Faults, count: number, qos: 'none' | 'at-least-once' = 'at-least-once') {
  const endpoint = faultyEndpoint(numberedMessages(6), faults);
  const gaps: unknown[] = [];
  const subscription = await endpoint.subscribe(fakeContext(), {
    qos,
    maxInFlight: 100,
    onGap: (gap) => gaps.push([gap, seen.length]),
  });
  const seen: Delivery[] = [];
  let error: unknown;
  try {
    for await (const batch of subscription) {
      seen.push(...batch);
      if (seen.length >= count) break;
    }
  } catch (thrown) {
    error = thrown;
  }
  return { endpoint, subscription, seen, error, gaps };
}

test('without faults it is what it stands in front of', async () => {
  const { endpoint, seen } = await read({}, 6);
  expect(seen.map(text)).toEqual(['0', '1', '2', '3', '4', '5']);
  const [result] = await endpoint.publish(fakeContext(), numberedMessages(1), { qos: 'none' });
  expect(result).toMatchObject({ ok: true });
  expect(endpoint.health()).toEqual({ status: 'up' });
});

describe('publishing', () => {
  const publish = (faults: Faults) => {
    const endpoint = faultyEndpoint([], faults);
    return { endpoint, results: endpoint.publish(fakeContext(), numberedMessages(3), { qos: 'none' }) };
  };

  test('refuses the messages chosen, each in its place', async () => {
    const error = new SluiceError('MESSAGE_TOO_LARGE');
    const { endpoint, results } = publish({ refusePublish: (_, count) => (count === 1 ? error : undefined) });
    expect(await results).toMatchObject([{ ok: true }, { ok: false, error }, { ok: true }]);
    expect(endpoint.offered).toHaveLength(3);
  });

  test('hangs until it is released', async () => {
    const { endpoint, results } = publish({ hangPublish: (call) => call === 0 });
    let answered = false;
    const done = results.then(() => {
      answered = true;
    });
    await pause(5);
    expect({ answered, hanging: endpoint.hanging }).toEqual({ answered: false, hanging: 1 });
    endpoint.release();
    await done;
    expect(endpoint.hanging).toBe(0);
    await endpoint.publish(fakeContext(), numberedMessages(1), { qos: 'none' });
  });

  test('takes its time', async () => {
    const began = performance.now();
    await publish({ publishDelayMs: 20 }).results;
    expect(performance.now() - began).toBeGreaterThan(15);
  });
});

describe('subscribing', () => {
  test('is refused by the error chosen, and still seen', async () => {
    const error = new SluiceError('TOO_MANY_CONSUMERS');
    const endpoint = faultyEndpoint([], { refuseSubscribe: (call) => (call === 0 ? error : undefined) });
    const subscribe = () => endpoint.subscribe(fakeContext(), { qos: 'none', maxInFlight: 1 });
    await expect(subscribe()).rejects.toBe(error);
    await subscribe();
    expect(endpoint.subscribes).toHaveLength(2);
    expect(endpoint).toMatchObject({ openedSubscriptions: 1, openSubscriptions: 1 });
  });

  test('drops the messages chosen, and acknowledges them', async () => {
    const { endpoint, seen } = await read({ dropMessage: (_, count) => count < 2 }, 4);
    expect(seen.map(text)).toEqual(['2', '3', '4', '5']);
    expect(endpoint.deliveries.acked).toEqual([]);
  });

  test('repeats the messages chosen, as the same delivery', async () => {
    const { seen } = await read({ repeatMessage: (_, count) => count === 1 }, 7);
    expect(seen.map(text)).toEqual(['0', '1', '1', '2', '3', '4', '5']);
    expect(seen[2]).toBe(seen[1]);
  });

  test.each([0, 1, 4])('breaks after %i deliveries', async (after) => {
    const error = new Error('broken');
    const { seen, ...outcome } = await read({ breakSubscription: { after, error } }, 100);
    expect(seen.map(text)).toEqual(['0', '1', '2', '3'].slice(0, after));
    expect(outcome.error).toBe(error);
  });

  test('tells a gap before the first batch', async () => {
    const gap = { key: 'CURSOR_EXPIRED', source: 'here', from: 0, to: 2 } as const;
    const { gaps } = await read({ gap }, 6);
    expect(gaps).toEqual([[gap, 0]]);
  });

  test('remembers what was settled, and what is open', async () => {
    const { endpoint, seen, subscription } = await read({}, 6);
    seen[0]?.ack();
    seen[1]?.nack(new Error('not now'));
    expect(endpoint.deliveries).toEqual({ delivered: 6, acked: ['memory@0#0'], nacked: ['memory@0#1'] });
    expect(endpoint.openSubscriptions).toBe(1);
    await subscription.close();
    await subscription.close();
    expect(endpoint.openSubscriptions).toBe(0);
  });
});
