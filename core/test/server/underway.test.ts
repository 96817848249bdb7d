import { expect, test } from 'vitest';
import { Underway } from '../../src/server/underway.js';

test('what is under way has ended when the last of it has settled, well or not', async () => {
  const underway = new Underway();
  await underway.ended();
  let [end, fail] = [() => {}, (_: Error) => {}];
  underway.add(new Promise<void>((resolve) => (end = resolve)));
  underway.add(new Promise<void>((_, reject) => (fail = reject)));
  let ended = false;
  const waiting = underway.ended().then(() => {
    ended = true;
  });
  end();
  await new Promise((resolve) => setImmediate(resolve));
  expect(ended).toBe(false);
  fail(new Error('cut'));
  await waiting;
  await underway.ended();
});
