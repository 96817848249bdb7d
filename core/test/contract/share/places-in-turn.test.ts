import { expect, test } from 'vitest';
import { PlacesInTurn } from '../../../src/contract/share/places-in-turn.js';
import { shareExhausted } from '../../../src/contract/share/shares.js';
import { SluiceError } from '../../../src/index.js';

const never = new AbortController().signal;

function places(of: number, share = of, waiting = 1000): PlacesInTurn {
  return new PlacesInTurn({
    places: of,
    share,
    waiting,
    refusal: (over, own) =>
      over === 'client' ? shareExhausted('replays', own, 5) : new SluiceError('TOO_MANY_CONSUMERS'),
  });
}

/** Takes a place, and notes when it has come. */
function taking(from: PlacesInTurn, client: string, order: string[], name = client) {
  return from.take(client, never).then((release) => {
    order.push(name);
    return release;
  });
}

test('the next in line gets the place that is given back', async () => {
  const slots = places(1);
  const first = await slots.take('one', never);
  const order: string[] = [];
  const second = taking(slots, 'one', order, 'second');
  const third = taking(slots, 'one', order, 'third');
  await Promise.resolve();
  expect(order).toEqual([]);
  first?.();
  (await second)?.();
  await third;
  expect(order).toEqual(['second', 'third']);
});

test('who leaves the line gets no place, and keeps none from those behind', async () => {
  const slots = places(1);
  const first = await slots.take('one', never);
  const leaving = new AbortController();
  const left = slots.take('one', leaving.signal);
  const behind = slots.take('one', never);
  leaving.abort();
  expect(await left).toBeUndefined();
  expect(slots.waiting).toBe(1);
  first?.();
  expect(await behind).toBeTypeOf('function');
});

test('a place that is given back goes to who waits, and nobody who comes meanwhile overtakes', async () => {
  const slots = places(1);
  const first = await slots.take('one', never);
  const second = slots.take('one', never);
  first?.();
  // The one that waits has been woken, and has not run yet.
  const third = slots.take('other', never);
  expect([slots.running, slots.waiting]).toEqual([1, 1]);
  (await second)?.();
  (await third)?.();
  expect([slots.running, slots.waiting]).toEqual([0, 0]);
});

test('who was given a place and leaves at the same moment gives it on', async () => {
  const slots = places(1);
  const first = await slots.take('one', never);
  const leaving = new AbortController();
  const second = slots.take('one', leaving.signal);
  const third = slots.take('one', never);
  first?.();
  leaving.abort();
  (await second)?.();
  expect(await third).toBeTypeOf('function');
});

test('a place is given back once, however often', async () => {
  const slots = places(2);
  const first = await slots.take('one', never);
  await slots.take('one', never);
  first?.();
  first?.();
  expect(slots.running).toBe(1);
});

test('a client holds its share at most, and the others have the rest', async () => {
  const slots = places(4, 2);
  const order: string[] = [];
  const first = taking(slots, 'greedy', order);
  await taking(slots, 'greedy', order);
  const third = taking(slots, 'greedy', order, 'third');
  expect(slots.full('greedy')).toBe('client');
  await taking(slots, 'other', order);
  expect(order).toEqual(['greedy', 'greedy', 'other']);
  (await first)?.();
  await third;
  expect(order.at(-1)).toBe('third');
});

test('a free place goes to the client that holds fewest, of equals to whose turn it is', async () => {
  const slots = places(3, 2);
  const order: string[] = [];
  const held = [taking(slots, 'a', order), taking(slots, 'a', order), taking(slots, 'b', order)];
  await Promise.all(held);
  order.length = 0;
  void taking(slots, 'b', order);
  void taking(slots, 'c', order);
  void taking(slots, 'd', order);
  void taking(slots, 'c', order);
  (await held[0])?.();
  (await held[1])?.();
  await expect.poll(() => order).toEqual(['c', 'd']);
});

test('when the line is full, who has most in it makes room for who has fewer', async () => {
  const slots = places(1, 1, 4);
  const order: string[] = [];
  const held = await slots.take('greedy', never);
  const waiting = [0, 1, 2, 3].map((index) => taking(slots, 'greedy', order, `greedy ${index}`));
  const refused = { key: 'CLIENT_SHARE_EXHAUSTED', status: 429, retryAfterSeconds: 5 };
  await expect(slots.take('greedy', never)).rejects.toMatchObject(refused);
  void taking(slots, 'other', order);
  await expect(waiting[3]).rejects.toMatchObject({
    ...refused,
    message: 'This client has 4 replays, which is its share',
  });
  expect(slots.waiting).toBe(4);
  held?.();
  (await waiting[0])?.();
  await expect.poll(() => order).toEqual(['greedy 0', 'other']);
});

test('a line that is full of clients with one each refuses the next', async () => {
  const slots = places(1, 1, 2);
  await slots.take('a', never);
  void slots.take('b', never);
  void slots.take('c', never);
  await expect(slots.take('d', never)).rejects.toMatchObject({ key: 'TOO_MANY_CONSUMERS', status: 503 });
});
