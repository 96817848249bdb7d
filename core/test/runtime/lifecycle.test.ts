import { type RecordingLogger, recordingLogger } from '@sluice/core/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Lifecycle, type Part } from '../../src/runtime/lifecycle.js';

let steps: string[];
let log: RecordingLogger;
let lifecycle: Lifecycle;

beforeEach(() => {
  vi.useFakeTimers();
  steps = [];
  log = recordingLogger();
  lifecycle = new Lifecycle(log);
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const never = () => new Promise<never>(() => undefined);
const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function part(name: string, more: Partial<Part> = {}): Part {
  return {
    name,
    start: async () => void steps.push(`start ${name}`),
    stop: async () => void steps.push(`stop ${name}`),
    ...more,
  };
}

test('parts start one after the other and stop in reverse', async () => {
  const slow = part('b', {
    start: async () => {
      steps.push('start b');
      await later(100);
      steps.push('b is up');
    },
  });
  const starting = lifecycle.start([part('a'), slow, part('c')], 1000);
  await vi.advanceTimersByTimeAsync(100);
  await starting;
  expect(await lifecycle.stop(1000)).toEqual([]);
  expect(steps).toEqual(['start a', 'start b', 'b is up', 'start c', 'stop c', 'stop b', 'stop a']);
});

test('how long each took to start is logged', async () => {
  await lifecycle.start([part('a')], 1000);
  expect(log.lines).toMatchObject([{ level: 'debug', members: { part: 'a', ms: expect.any(Number) } }]);
  await lifecycle.stop(0);
});

describe('a part that fails to start', () => {
  test('is named in the error, with its cause, and what was started is stopped, itself too', async () => {
    const cause = new Error('the port is in use');
    const parts = [part('a'), part('b', { start: () => Promise.reject(cause) }), part('c')];
    await expect(lifecycle.start(parts, 1000)).rejects.toMatchObject({
      message: 'b: the port is in use',
      cause,
    });
    expect(steps).toEqual(['start a', 'stop b', 'stop a']);
  });

  test('by throwing before it waits is the same', async () => {
    const broken = part('a', {
      start: () => {
        throw new Error('at once');
      },
    });
    await expect(lifecycle.start([broken], 1000)).rejects.toThrow('a: at once');
  });

  test('by taking too long is named with its time limit', async () => {
    const starting = lifecycle.start([part('a'), part('b', { start: never, startTimeoutMs: 250 })], 1000);
    const failed = expect(starting).rejects.toThrow('b: b did not start within 250 ms');
    await vi.advanceTimersByTimeAsync(250);
    await failed;
    expect(steps).toEqual(['start a', 'stop b', 'stop a']);
  });

  test('has 30 seconds when it says nothing', async () => {
    const starting = lifecycle.start([part('a', { start: never })], 1000);
    const failed = expect(starting).rejects.toThrow('within 30000 ms');
    await vi.advanceTimersByTimeAsync(30_000);
    await failed;
  });
});

describe('a part that fails to stop', () => {
  test('is named and logged, and does not keep the others from stopping', async () => {
    const error = new Error('busy');
    await lifecycle.start([part('a'), part('b', { stop: () => Promise.reject(error) }), part('c')], 1000);
    expect(await lifecycle.stop(1000)).toEqual(['b']);
    expect(steps.slice(3)).toEqual(['stop c', 'stop a']);
    expect(log.lines.at(-1)).toMatchObject({ level: 'error', members: { part: 'b', err: error } });
  });

  test('by hanging is given up half a second after its time', async () => {
    await lifecycle.start([part('a'), part('b', { stop: never })], 1000);
    const stopping = lifecycle.stop(1000);
    await vi.advanceTimersByTimeAsync(1499);
    expect(steps).not.toContain('stop a');
    await vi.advanceTimersByTimeAsync(1);
    expect(await stopping).toEqual(['b']);
    expect(steps).toContain('stop a');
  });
});

test('the time to stop is for all parts together: what one used up the next does not have', async () => {
  const times: number[] = [];
  const timed = (name: string, ms: number) =>
    part(name, {
      stop: async (timeoutMs) => {
        times.push(Math.round(timeoutMs));
        await later(ms);
      },
    });
  await lifecycle.start([timed('a', 0), timed('b', 300), timed('c', 600)], 1000);
  const stopping = lifecycle.stop(700);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await stopping).toEqual([]);
  expect(times).toEqual([700, 100, 0]);
});

test('a part without a stop is passed over, and a second stop has nothing to do', async () => {
  const { stop: _, ...withoutStop } = part('a');
  await lifecycle.start([withoutStop, part('b')], 1000);
  expect(await lifecycle.stop(1000)).toEqual([]);
  expect(await lifecycle.stop(1000)).toEqual([]);
  expect(steps.filter((step) => step === 'stop b')).toHaveLength(1);
});
