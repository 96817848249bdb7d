import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Heartbeats } from '../src/heartbeats.js';

const INTERVAL_MS = 5000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a quiet client has a heartbeat each interval, or up to a quarter less', () => {
  const wheel = new Heartbeats(INTERVAL_MS, (beat: () => void) => beat());
  const beats: number[] = [];
  const begun = Date.now();
  const heartbeat = wheel.add(() => beats.push(Date.now() - begun));
  vi.advanceTimersByTime(20 * INTERVAL_MS);
  heartbeat.stop();
  const gaps = beats.map((at, index) => at - (beats[index - 1] ?? 0));
  expect(beats.length).toBeGreaterThanOrEqual(20);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(INTERVAL_MS);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(INTERVAL_MS * 0.75);
});

test('what is sent puts the next one off', () => {
  const wheel = new Heartbeats(INTERVAL_MS, (beat: () => void) => beat());
  const beat = vi.fn();
  const heartbeat = wheel.add(beat);
  for (let sent = 0; sent < 50; sent++) {
    vi.advanceTimersByTime(INTERVAL_MS / 2);
    heartbeat.sent();
  }
  expect(beat).not.toHaveBeenCalled();
  vi.advanceTimersByTime(INTERVAL_MS);
  expect(beat).toHaveBeenCalledTimes(1);
  heartbeat.stop();
});

test('those of many clients are spread, also when all were sent something at once', () => {
  const wheel = new Heartbeats(INTERVAL_MS, (beat: () => void) => beat());
  const at = new Map<number, number>();
  const count = () => at.set(Date.now(), (at.get(Date.now()) ?? 0) + 1);
  const all = Array.from({ length: 1000 }, () => wheel.add(count));
  vi.advanceTimersByTime(INTERVAL_MS / 2);
  for (const heartbeat of all) heartbeat.sent();
  vi.advanceTimersByTime(INTERVAL_MS);
  expect([...at.values()].reduce((sum, one) => sum + one, 0)).toBe(1000);
  expect(Math.max(...at.values())).toBeLessThan(200);
  for (const heartbeat of all) heartbeat.stop();
});

test('without clients there is no timer, and none is called after it has stopped', () => {
  const wheel = new Heartbeats(INTERVAL_MS, (beat: () => void) => beat());
  const beat = vi.fn();
  const heartbeats = [wheel.add(beat), wheel.add(beat)];
  expect(vi.getTimerCount()).toBe(1);
  for (const heartbeat of heartbeats) heartbeat.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(2 * INTERVAL_MS);
  expect(beat).not.toHaveBeenCalled();
});
