import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LingeringPool } from '../../../src/contract/share/lingering-pool.js';
import type { Claim, ShareLimits } from '../../../src/contract/share/shares.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const LINGER_MS = 1000;

function pool(limits: ShareLimits, close: (value: string) => Promise<void> = async () => {}) {
  const closed: string[] = [];
  const of = new LingeringPool<string>({
    limits: () => limits,
    lingerMs: LINGER_MS,
    refusal: (full) => new Error(full) as never,
    close: (value) => {
      closed.push(value);
      return close(value);
    },
  });
  const lease = (key: string, claim: Claim) => of.lease(key, claim, () => key);
  const by = (client: string, key: string, api = 'api') => lease(`${client} ${key}`, { api, client });
  return { of, closed, lease, by };
}

test('one is made once a key, kept while it is used, and closed when it has lingered', () => {
  const { of, closed, by } = pool({ all: 4, client: 4 });
  const [first, second] = [by('a', '1'), by('a', '1')];
  expect(of.values).toEqual(['a 1']);
  expect([first.release(), first.release(), second.release()]).toEqual([false, false, true]);
  vi.advanceTimersByTime(LINGER_MS - 1);
  const third = by('a', '1');
  vi.advanceTimersByTime(LINGER_MS);
  expect(closed).toEqual([]);
  third.release();
  vi.advanceTimersByTime(LINGER_MS);
  expect([closed, of.values]).toEqual([['a 1'], []]);
});

test('a client over its share is refused; others are served', () => {
  const { by, of } = pool({ all: 8, client: 2 });
  by('greedy', '1');
  by('greedy', '2');
  expect(() => by('greedy', '3')).toThrow('client');
  by('other', '1');
  expect(of.values).toHaveLength(3);
});

test("what lingers counts for its client, whose own oldest is closed first: nobody else's", async () => {
  const { by, closed } = pool({ all: 8, client: 2 });
  by('other', '1').release();
  const [second, first] = [by('greedy', '2'), by('greedy', '1')];
  first.release();
  second.release();
  by('greedy', '3');
  expect(closed).toEqual(['greedy 1']);
  await vi.advanceTimersByTimeAsync(0);
  by('greedy', '4');
  expect(closed).toEqual(['greedy 1', 'greedy 2']);
  expect(() => by('greedy', '5')).toThrow('client');
});

test('where all places are taken the oldest that lingers is closed, the own first, whosever it is', () => {
  const { by, closed } = pool({ all: 3, client: 3 });
  by('a', '1').release();
  by('b', '1').release();
  by('c', '1');
  by('b', '2');
  by('d', '1');
  expect(closed).toEqual(['b 1', 'a 1']);
  expect(() => by('e', '1')).toThrow('all');
});

test("an API's share; what lingers of it makes room for it", () => {
  const { by, closed } = pool({ all: 8, client: 8, api: 2 });
  by('a', '1', 'one').release();
  by('b', '1', 'one');
  by('c', '1', 'one');
  expect(closed).toEqual(['a 1']);
  expect(() => by('d', '1', 'one')).toThrow('api');
  by('d', '1', 'other');
});

test('the reserve is for those that may have it, and what lingers in it is left alone', () => {
  const { lease, closed } = pool({ all: 4, client: 4, reserve: 1 });
  lease('kept', { api: 'api', reserved: true }).release();
  for (const key of ['1', '2', '3']) lease(key, { api: 'api', client: key });
  expect(() => lease('4', { api: 'api', client: '4' })).toThrow('open');
  expect(closed).toEqual([]);
});

test('what is kept free is found by a reserved claim when the others have filled the bound', () => {
  const { lease } = pool({ all: 4, client: 4, reserve: 1 });
  for (const key of ['1', '2', '3']) lease(key, { api: 'api', client: key });
  expect(() => lease('4', { api: 'api', client: '4' })).toThrow('open');
  lease('shared', { api: 'api', reserved: true });
  expect(() => lease('more', { api: 'api', reserved: true })).toThrow('all');
});

test('it counts for who is still there', () => {
  const { lease } = pool({ all: 8, client: 1 });
  const a = { api: 'api', client: 'a' };
  const b = { api: 'api', client: 'b' };
  const first = lease('common', a);
  lease('common', b);
  expect(() => lease('own', a)).toThrow('client');
  first.release();
  lease('own', a);
  expect(() => lease('more', b)).toThrow('client');
});

test("what no client has a say in is no client's", () => {
  const { lease, by } = pool({ all: 8, client: 1 });
  for (const topic of ['1', '2', '3']) lease(topic, { api: 'api' });
  by('a', '1');
});

test('a client has as many on the way out as its share at most', async () => {
  let end = () => {};
  const ending = new Promise<void>((resolve) => (end = resolve));
  const { by } = pool({ all: 8, client: 2 }, () => ending);
  for (const key of ['1', '2', '3', '4']) by('a', key).release();
  expect(() => by('a', '5')).toThrow('client');
  by('b', '1');
  end();
  await vi.advanceTimersByTimeAsync(0);
  by('a', '5');
});

test('one that is dropped is made anew, and a stop closes all', async () => {
  const { of, by, closed } = pool({ all: 8, client: 8 });
  const first = by('a', '1');
  of.drop('a 1', 'a 1');
  expect(first.release()).toBe(true);
  by('a', '1');
  await of.stop();
  expect([closed, of.values]).toEqual([['a 1', 'a 1'], []]);
});
