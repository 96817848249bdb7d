import { describe, expect, test } from 'vitest';
import { collect, duration, portNumber, wholeNumber } from '../../src/cli/options.js';

describe('a whole number', () => {
  test.each([
    ['0', 0],
    ['42', 42],
    ['007', 7],
    ['999999999999999', 999_999_999_999_999],
  ])('%s', (text, value) => {
    expect(wholeNumber(text)).toBe(value);
  });

  test.each(['', ' ', '-1', '1.5', '1e3', '0x10', 'ten', '1 ', '9999999999999999'])('is not "%s"', (text) => {
    expect(() => wholeNumber(text)).toThrow('a whole number is needed.');
  });
});

describe('a port', () => {
  test.each([
    ['0', 0],
    ['8082', 8082],
    ['65535', 65_535],
  ])('%s', (text, value) => {
    expect(portNumber(text)).toBe(value);
  });

  test('is at most 65535', () => {
    expect(() => portNumber('65536')).toThrow('a port is 0 to 65535.');
    expect(() => portNumber('http')).toThrow('a whole number is needed.');
  });
});

describe('a time', () => {
  test.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['2m', 120_000],
    ['3', 3000],
    ['0', 0],
  ])('%s', (text, ms) => {
    expect(duration(text)).toBe(ms);
  });

  test.each(['', '10h', '1.5s', '-1s', 's', '10 s', '10S', '1m30s', '9999999999s'])('is not "%s"', (text) => {
    expect(() => duration(text)).toThrow('a time is needed, such as 500ms, 10s or 2m.');
  });
});

test('an option that may be given again is collected in order', () => {
  expect(collect('b', collect('a'))).toEqual(['a', 'b']);
});
