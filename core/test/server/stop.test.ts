import { expect, test, vi } from 'vitest';
import { Stop } from '../../src/server/stop.js';

test('a stop is told once to each who listens, and to none who has ceased to', () => {
  const stop = new Stop();
  const [stays, leaves] = [vi.fn(), vi.fn()];
  stop.addEventListener('abort', stays);
  stop.addEventListener('abort', leaves);
  stop.removeEventListener('abort', leaves);
  expect(stop.aborted).toBe(false);
  stop.begin();
  stop.begin();
  expect(stop.aborted).toBe(true);
  expect([stays, leaves].map((listener) => listener.mock.calls.length)).toEqual([1, 0]);
});

test('a listener that another one takes away is not called', () => {
  const stop = new Stop();
  const second = vi.fn();
  stop.addEventListener('abort', () => stop.removeEventListener('abort', second));
  stop.addEventListener('abort', second);
  stop.begin();
  expect(second).not.toHaveBeenCalled();
});

test('who begins to listen while it is told is not told: the end is past', () => {
  const stop = new Stop();
  const later = vi.fn();
  stop.addEventListener('abort', () => stop.addEventListener('abort', later));
  stop.begin();
  expect(later).not.toHaveBeenCalled();
});
