import { hasToken, headerList, preferredType, preferredWeight } from '@sluice/core';
import { describe, expect, test } from 'vitest';

test.each([
  [undefined, []],
  [[''], []],
  [
    [' a , b,,', 'c'],
    ['a', 'b', 'c'],
  ],
  [['text/plain; x="a,b\\",c", d'], ['text/plain; x="a,b\\",c"', 'd']],
])('the elements of %j are %j', (values, elements) => {
  expect(headerList(values)).toEqual(elements);
});

test('a token is found in any case, and is no part of another', () => {
  expect(hasToken(['keep-alive, Upgrade'], 'upgrade')).toBe(true);
  expect(hasToken(['upgraded'], 'upgrade')).toBe(false);
  expect(hasToken(undefined, 'upgrade')).toBe(false);
});

describe('of a/x, a/y and b/z a client prefers', () => {
  const OFFERED = ['a/x', 'a/y', 'b/z'];

  test.each([
    [undefined, undefined, 0],
    [['c/d'], undefined, 0],
    [['*/*'], 'a/x', 1],
    [['a/*;q=0.5'], 'a/x', 0.5],
    [['a/y'], 'a/y', 1],
    [['A/Y; charset=utf-8; Q=0.25'], 'a/y', 0.25],
    [['*/*, b/z'], 'b/z', 1],
    [['*/*, b/z;q=0.9'], 'a/x', 1],
    [['a/x;q=0, */*;q=0.1'], 'a/y', 0.1],
    [['a/*;q=0, */*'], 'b/z', 1],
    [['*/*;q=0'], undefined, 0],
    [['a/y, a/x'], 'a/y', 1],
    [['a/x;p="q=0,b/z"'], 'a/x', 1],
    [['a/x;q=2'], 'a/x', 1],
  ])('by %j: %s, with the weight %d', (accept, type, weight) => {
    expect(preferredType(accept, OFFERED)).toBe(type);
    expect(preferredWeight(accept, OFFERED)).toBe(weight);
  });

  test('a wildcard does not stand for a type that must be named', () => {
    expect(preferredType(['a/*'], OFFERED, ['a/x'])).toBe('a/y');
    expect(preferredType(['a/*, a/x;q=0.1'], OFFERED, ['a/x'])).toBe('a/y');
    expect(preferredType(['a/x'], OFFERED, ['a/x'])).toBe('a/x');
  });
});
