import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import type { ThreadJob } from '../../src/threads/job.js';
import { ThreadPool } from '../../src/threads/thread-pool.js';

const pools: ThreadPool[] = [];
const poolOf = (threads: number, waiting = 100) => {
  const pool = new ThreadPool({ threads, waiting, memoryMb: 64 });
  pools.push(pool);
  return pool;
};
const job = (value: unknown, rest: Partial<ThreadJob> = {}): ThreadJob => ({
  owner: 'a',
  module: fileURLToPath(new URL('./work.mjs', import.meta.url)),
  input: () => ({ value }),
  timeMs: 5000,
  ...rest,
});

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.end()));
});

describe('work in threads', () => {
  test('gives what the module gives', async () => {
    expect(await poolOf(1).run(job({ echo: [1, 'two'] }))).toEqual([1, 'two']);
  });

  test('fails as the module does', async () => {
    const pool = poolOf(1);
    await expect(pool.run(job({ fail: 'so' }))).rejects.toThrow('so');
    await expect(pool.run(job({ echo: () => undefined }))).rejects.toThrow(/could not be cloned/);
    expect(await pool.run(job({ echo: 1 }))).toBe(1);
  });

  test('that runs on is ended, while the event loop goes on, and the next has a new thread', async () => {
    const pool = poolOf(1);
    await pool.run(job({ echo: 1 }));
    let turns = 0;
    const timer = setInterval(() => turns++, 5);
    await expect(pool.run(job({ spin: 'for ever' }, { timeMs: 100 }))).rejects.toMatchObject({
      name: 'ThreadTimeout',
      message: 'it took longer than 100 ms',
    });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
    expect(await pool.run(job({ echo: 2 }))).toBe(2);
  });

  test('that takes all memory is lost alone', async () => {
    const pool = poolOf(1);
    await expect(pool.run(job({ fill: true }, { timeMs: 30_000 }))).rejects.toMatchObject({
      name: 'ThreadLost',
    });
    expect(await pool.run(job({ echo: 3 }))).toBe(3);
  });

  test('is done for owners in turn', async () => {
    const pool = poolOf(1);
    const done: string[] = [];
    const work = ['a', 'a', 'a', 'b', 'c', 'b'].map((owner, index) =>
      pool.run(job({ echo: index }, { owner })).then(() => done.push(owner)),
    );
    await Promise.all(work);
    expect(done).toEqual(['a', 'a', 'b', 'c', 'a', 'b']);
  });

  test('of which one owner has too much is refused to that owner', async () => {
    const pool = poolOf(1, 2);
    const results = await Promise.allSettled([
      ...Array.from({ length: 5 }, (_, index) => pool.run(job({ echo: index }))),
      pool.run(job({ echo: 'b' }, { owner: 'b' })),
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
    expect(results[3]).toMatchObject({ reason: { key: 'TOO_MANY_EVALUATIONS', status: 503 } });
  });

  test('that nobody waits for any more is not begun', async () => {
    const pool = poolOf(1);
    const gone = new AbortController();
    const first = pool.run(job({ echo: 1 }));
    const dropped = Array.from({ length: 99 }, () => pool.run(job({ echo: 2 }, { signal: gone.signal })));
    const last = pool.run(job({ echo: 3 }, { owner: 'b' }));
    gone.abort();
    const results = await Promise.allSettled(dropped);
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    expect(await Promise.all([first, last])).toEqual([1, 3]);
  });

  test('of one owner never has all threads, however long it takes', async () => {
    const pool = poolOf(2);
    const long = [1, 2, 3].map(() => pool.run(job({ busyMs: 400 }, { owner: 'a' })));
    const began = performance.now();
    expect(await pool.run(job({ echo: 'b' }, { owner: 'b' }))).toBe('b');
    // The first of the others is still at work: theirs come one after the other.
    await Promise.all(long);
    expect(performance.now() - began).toBeGreaterThan(3 * 400 - 50);
  });

  test('is copied when its turn comes, not while it waits', async () => {
    const pool = poolOf(1);
    let copied = false;
    const first = pool.run(job({ echo: 1 }));
    const second = pool.run({
      ...job(0),
      input: () => {
        copied = true;
        return { value: { echo: 2 } };
      },
    });
    expect(copied).toBe(false);
    expect(await Promise.all([first, second])).toEqual([1, 2]);
  });
});
