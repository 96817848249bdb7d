import { recordingLogger } from '@sluice/core/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Cluster } from '../src/cluster.js';
import { watchReading } from '../src/read-watchdog.js';
import { Stalls } from '../src/stalls.js';

const TIMES = { first: 300, most: 1200 };

function watched(options: {
  readonly high: number;
  readonly place: () => number | undefined;
  readonly up?: boolean;
}) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const log = recordingLogger();
  const stalls = new Stalls();
  const cluster = {
    health: { status: options.up === false ? 'down' : 'up' },
    watermarks: () => Promise.resolve({ low: 0, high: options.high }),
  } as unknown as Cluster;
  const renewals: number[] = [];
  const reader = {
    expected: () => {
      const offset = options.place();
      return offset === undefined ? [] : [{ topic: 't', partition: 0, offset }];
    },
    renew: async () => void renewals.push(performance.now()),
  };
  onTestFinished(watchReading({ cluster, log, stalls }, reader, TIMES));
  return { log, stalls, renewals };
}

test('a reader with lag and room that gets nothing is told of and renewed, each time after twice as long', async () => {
  const { log, stalls, renewals } = watched({ high: 10, place: () => 4 });
  await vi.advanceTimersByTimeAsync(350);
  expect(renewals).toEqual([]);
  await vi.advanceTimersByTimeAsync(100);
  expect(renewals).toHaveLength(1);
  expect(stalls.reason).toMatch(/^nothing is read of t@0 although there are records/);
  expect(stalls.renewals).toBe(1);
  expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(600);
  expect(renewals).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(renewals).toHaveLength(2);
});

test('one that reads, one that has everything, one without room, one without brokers: nothing is said', async () => {
  let place = 0;
  const cases = [
    { high: 1_000_000, place: () => place++ },
    { high: 4, place: () => 4 },
    { high: 10, place: () => undefined },
    { high: 10, place: () => 4, up: false },
  ].map(watched);
  await vi.advanceTimersByTimeAsync(5000);
  for (const { renewals, stalls } of cases) expect([renewals, stalls.partitions]).toEqual([[], []]);
});
