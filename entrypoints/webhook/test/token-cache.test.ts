import { expect, test } from 'vitest';
import { TokenCache } from '../src/token-cache.js';

const SIGNAL = new AbortController().signal;

function cacheOf(expiresInSeconds?: number) {
  const clock = { ms: 0, fetched: 0 };
  const life = expiresInSeconds === undefined ? {} : { expiresInSeconds };
  const cache = new TokenCache(
    async () => ({ token: `t${++clock.fetched}`, ...life }),
    () => clock.ms,
  );
  return { cache, clock };
}

test('who asks at the same time shares one request, and later ones the token', async () => {
  const { cache, clock } = cacheOf();
  expect(await Promise.all([cache.get(SIGNAL), cache.get(SIGNAL)])).toEqual(['t1', 't1']);
  clock.ms = 1e12;
  expect(await cache.get(SIGNAL)).toBe('t1');
});

test('a token is fetched anew shortly before it ends', async () => {
  const { cache, clock } = cacheOf(3600);
  await cache.get(SIGNAL);
  clock.ms = 3_569_999;
  expect(await cache.get(SIGNAL)).toBe('t1');
  clock.ms = 3_570_000;
  expect(await cache.get(SIGNAL)).toBe('t2');
});

test('a refused token is dropped once: who was refused with the old one does not drop the new', async () => {
  const { cache } = cacheOf();
  const old = await cache.get(SIGNAL);
  cache.drop(old);
  expect(await cache.get(SIGNAL)).toBe('t2');
  cache.drop(old);
  expect(await cache.get(SIGNAL)).toBe('t2');
});

test('a failure is not kept', async () => {
  let failed = false;
  const cache = new TokenCache(async () => {
    if (failed) return { token: 'good' };
    failed = true;
    throw new Error('away');
  });
  await expect(cache.get(SIGNAL)).rejects.toThrow('away');
  expect(await cache.get(SIGNAL)).toBe('good');
});
