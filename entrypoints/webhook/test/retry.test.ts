import { expect, test } from 'vitest';
import { nextDelayMs, type RetryConfig, retryAfterMs } from '../src/retry.js';

const RETRY: RetryConfig = {
  retryOption: 'Retry On Fail',
  retryStrategy: 'LINEAR',
  maxAttempts: 5,
  initialDelaySeconds: 10,
  maxDelaySeconds: 30,
  jitter: 0,
  timeToLiveSeconds: 3600,
  maxRetryAfterSeconds: 60,
  statuses: ['408', '425', '429', '5xx'],
};

const schedule = (retry: RetryConfig) =>
  Array.from({ length: 7 }, (_, at) => nextDelayMs(retry, { count: at + 1, sinceMs: 0 }, 0));

test('linear delays grow by the first, exponential ones double, both up to the longest', () => {
  expect(schedule(RETRY)).toEqual([10_000, 20_000, 30_000, 30_000, 30_000, undefined, undefined]);
  const exponential = {
    ...RETRY,
    retryStrategy: 'EXPONENTIAL',
    initialDelaySeconds: 0.5,
    maxDelaySeconds: 5,
  } as const;
  expect(schedule(exponential)).toEqual([500, 1000, 2000, 4000, 5000, undefined, undefined]);
  expect(schedule({ ...RETRY, maxAttempts: 0 })).toEqual(Array(7).fill(undefined));
  expect(schedule({ ...RETRY, retryOption: 'No Retry' })).toEqual(Array(7).fill(undefined));
});

test('jitter stays within its part', () => {
  const at = (random: number) =>
    nextDelayMs({ ...RETRY, jitter: 0.2 }, { count: 1, sinceMs: 0 }, 0, () => random);
  expect([at(0), at(0.5), at(1)]).toEqual([8000, 10_000, 12_000]);
});

test('nothing begins after the time to live', () => {
  const retry = { ...RETRY, timeToLiveSeconds: 15 };
  expect(nextDelayMs(retry, { count: 1, sinceMs: 0 }, 5000)).toBe(10_000);
  expect(nextDelayMs(retry, { count: 1, sinceMs: 0 }, 5001)).toBeUndefined();
});

test.each([
  [undefined, true],
  [500, true],
  [503, true],
  [408, true],
  [425, true],
  [429, true],
  [400, false],
  [302, false],
  [404, false],
])('a failure with status %s is retried: %s', (status, retried) => {
  const failed = { count: 1, sinceMs: 0, ...(status === undefined ? {} : { status }) };
  expect(nextDelayMs(RETRY, failed, 0) !== undefined).toBe(retried);
  expect(
    nextDelayMs({ ...RETRY, statuses: ['4XX', '302'] }, { ...failed, status: status ?? 302 }, 0) !==
      undefined,
  ).toBe(status === undefined || status < 500);
});

test('Retry-After lengthens a delay, up to its cap, and never shortens it', () => {
  const at = (retryAfter: number) =>
    nextDelayMs(RETRY, { count: 1, sinceMs: 0, retryAfterMs: retryAfter }, 0);
  expect([at(1000), at(20_000), at(90_000)]).toEqual([10_000, 20_000, 60_000]);
});

test('Retry-After is seconds or a date', () => {
  expect(retryAfterMs('5', 0)).toBe(5000);
  expect(retryAfterMs('Thu, 01 Jan 1970 00:00:10 GMT', 4000)).toBe(6000);
  expect(retryAfterMs('Thu, 01 Jan 1970 00:00:01 GMT', 4000)).toBe(0);
  expect(retryAfterMs('soon', 0)).toBeUndefined();
  expect(retryAfterMs(undefined, 0)).toBeUndefined();
});
