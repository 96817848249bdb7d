import { expect, test } from 'vitest';
import { Gate } from '../src/gate.js';

test('a gate that is closed again holds those who come then', async () => {
  const gate = new Gate();
  const early = gate.opened;
  gate.open();
  await early;
  await gate.opened;
  gate.close();
  let passed = false;
  void gate.opened.then(() => {
    passed = true;
  });
  await Promise.resolve();
  expect(passed).toBe(false);
  gate.open();
  await gate.opened;
});
