import { expect, test } from 'vitest';
import { ReplaySlots } from '../src/replay-slots.js';

const never = new AbortController().signal;

test('the next in line gets the slot that is given back', async () => {
  const slots = new ReplaySlots(1);
  const first = await slots.take(never);
  const order: string[] = [];
  const second = slots.take(never).then((release) => {
    order.push('second');
    return release;
  });
  const third = slots.take(never).then(() => order.push('third'));
  await Promise.resolve();
  expect(order).toEqual([]);
  first?.();
  (await second)?.();
  await third;
  expect(order).toEqual(['second', 'third']);
});

test('who leaves the line gets no slot, and keeps none from those behind', async () => {
  const slots = new ReplaySlots(1);
  const first = await slots.take(never);
  const leaving = new AbortController();
  const left = slots.take(leaving.signal);
  const behind = slots.take(never);
  leaving.abort();
  expect(await left).toBeUndefined();
  first?.();
  expect(await behind).toBeTypeOf('function');
});

test('a full line refuses', async () => {
  const slots = new ReplaySlots(1);
  await slots.take(never);
  for (let index = 0; index < 1000; index++) void slots.take(never);
  await expect(slots.take(never)).rejects.toMatchObject({ key: 'TOO_MANY_CONSUMERS' });
});
