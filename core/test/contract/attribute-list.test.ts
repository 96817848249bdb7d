import { listOf } from '@sluice/core';
import { expect, test } from 'vitest';

test.each([
  ['a , b,c', ['a', 'b', 'c']],
  ['a b c', ['a b c']],
  ['["a", {}, 1]', ['a', '{}', '1']],
  ['[not json', ['[not json']],
  [
    ['a', 'b'],
    ['a', 'b'],
  ],
  [new Set(['a']), ['a']],
  [7, [7]],
])('%j is the list %j', (value, expected) => {
  expect(listOf(value)).toEqual(expected);
});
