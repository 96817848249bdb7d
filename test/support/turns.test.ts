import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { watchTurns } from './turns.js';

/** Milliseconds of processor, whatever else runs on the machine. */
function work(ms: number): void {
  const until = spentMs() + ms;
  while (spentMs() < until);
}

function spentMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

test('a turn of 60 ms is seen, also the one that the watch ends in', async () => {
  const during = watchTurns();
  await nextTurn();
  work(60);
  await nextTurn();
  await nextTurn();
  during.stop();
  expect(during.longestMs()).toBeGreaterThan(50);
  const last = watchTurns();
  await nextTurn();
  work(60);
  last.stop();
  expect(last.longestMs()).toBeGreaterThan(50);
});

test('short turns stay short, however many there are and however long nothing is done', async () => {
  const turns = watchTurns();
  for (let at = 0; at < 30; at++) {
    work(5);
    await nextTurn();
    await nextTurn();
  }
  turns.stop();
  expect(turns.longestMs()).toBeLessThan(50);
});
