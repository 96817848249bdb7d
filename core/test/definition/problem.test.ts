import { expect, test } from 'vitest';
import { formatPath, formatProblem, pointerToPath } from '../../src/definition/problem.js';

test.each([
  [[], '$'],
  [['a'], '$.a'],
  [['listeners', 0, 'paths', 12, 'path'], '$.listeners[0].paths[12].path'],
  [['topics.pattern', 'x-y', 'a b', ''], "$['topics.pattern'].x-y['a b']['']"],
])('the path %j is written %s', (path, text) => {
  expect(formatPath(path)).toBe(text);
});

test.each([
  ['', []],
  ['/a/0/b', ['a', 0, 'b']],
  ['/a~1b/c~0d/~01', ['a/b', 'c~d', '~1']],
])('the pointer %s is %j', (pointer, path) => {
  expect(pointerToPath(pointer)).toEqual(path);
});

test('a problem is one line; what is not known of its place is left out', () => {
  const problem = { severity: 'error', path: '$.a', message: 'is wrong' } as const;
  expect(formatProblem({ ...problem, file: 'x.json', line: 3, column: 7 })).toBe(
    'x.json:3:7  error  $.a  is wrong',
  );
  expect(formatProblem({ ...problem, file: 'x.json' })).toBe('x.json  error  $.a  is wrong');
  expect(formatProblem(problem)).toBe('error  $.a  is wrong');
});
