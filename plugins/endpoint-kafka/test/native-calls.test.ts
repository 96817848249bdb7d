import { expect, test } from 'vitest';
import { nativeCall } from '../src/native-calls.js';

test('two calls run at a time, the others in the order they came, and a full line refuses', async () => {
  const begun: number[] = [];
  const finish: (() => void)[] = [];
  const call = (index: number) =>
    nativeCall<number>((done) => {
      begun.push(index);
      finish.push(() => done(null, index));
    });
  const calls = Array.from({ length: 1002 }, (_, index) => call(index));
  expect(begun).toEqual([0, 1]);
  await expect(call(-1)).rejects.toThrow('too many calls');
  for (let index = 0; index < calls.length; index++) {
    finish[index]?.();
    await calls[index];
    await Promise.resolve();
  }
  expect(begun).toEqual(calls.map((_, index) => index));
});

test('a call that fails gives its place to the next', async () => {
  const failing = () => nativeCall((done) => done(new Error('down'), undefined));
  for (let round = 0; round < 5; round++) await expect(failing()).rejects.toThrow('down');
  expect(await nativeCall<string>((done) => done(null, 'up'))).toBe('up');
});
