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

test('a slot that is given back goes to who waits, and nobody who comes meanwhile overtakes', async () => {
  const slots = new ReplaySlots(1);
  const first = await slots.take(never);
  const second = slots.take(never);
  first?.();
  // The one that waits has been woken, and has not run yet.
  const third = slots.take(never);
  expect([slots.running, slots.waiting]).toEqual([1, 1]);
  (await second)?.();
  (await third)?.();
  expect([slots.running, slots.waiting]).toEqual([0, 0]);
});

test('who was given a slot and leaves at the same moment gives it on', async () => {
  const slots = new ReplaySlots(1);
  const first = await slots.take(never);
  const leaving = new AbortController();
  const second = slots.take(leaving.signal);
  const third = slots.take(never);
  first?.();
  leaving.abort();
  (await second)?.();
  expect(await third).toBeTypeOf('function');
});

test('a slot is given back once, however often', async () => {
  const slots = new ReplaySlots(2);
  const first = await slots.take(never);
  await slots.take(never);
  first?.();
  first?.();
  expect(slots.running).toBe(1);
});
