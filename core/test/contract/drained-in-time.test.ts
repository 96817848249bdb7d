import { RecordingSink } from '@sluice/core/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { drainedInTime } from '../../src/contract/drained-in-time.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** A client that takes nothing, waited for; `after` tells the outcome when so many milliseconds have gone by. */
function waiting(timeoutMs: number, stopping?: AbortSignal) {
  const sink = new RecordingSink();
  sink.hold();
  sink.write('x');
  let outcome: boolean | undefined;
  void drainedInTime(sink, timeoutMs, stopping).then((inTime) => {
    outcome = inTime;
  });
  const after = async (ms: number) => {
    await vi.advanceTimersByTimeAsync(ms);
    return outcome;
  };
  return { sink, after };
}

test('a client that takes what it was sent in time is told apart from one that does not', async () => {
  const slow = waiting(1000);
  const reading = waiting(1000);
  expect(await slow.after(999)).toBeUndefined();
  reading.sink.take();
  expect(await reading.after(0)).toBe(true);
  expect(await slow.after(1)).toBe(false);
});

test('a client that leaves is waited for no longer', async () => {
  const { sink, after } = waiting(1000);
  sink.leave();
  expect(await after(0)).toBe(true);
});

test('from a stop on a second is left, or the time there is when that is less', async () => {
  const stopping = new AbortController();
  const patient = waiting(60_000, stopping.signal);
  expect(await patient.after(5000)).toBeUndefined();
  stopping.abort();
  expect(await patient.after(999)).toBeUndefined();
  expect(await patient.after(1)).toBe(false);
  const late = waiting(60_000, stopping.signal);
  expect(await late.after(1000)).toBe(false);
  expect(await waiting(400, stopping.signal).after(400)).toBe(false);
});
