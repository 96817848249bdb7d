import { expect, test } from 'vitest';
import { hasExpression, splitTemplate } from '../../src/expression/template.js';

const texts = (text: string, escapes = false) =>
  splitTemplate(text, escapes).map((part) => (part.type === 'literal' ? part.text : [part.text]));

test.each([
  ['', ['']],
  ['a', ['a']],
  ['{#a}', [['#a']]],
  ['x{#a}y{(b)}z', ['x', ['#a'], 'y', ['(b)'], 'z']],
  ['{T(a.B).c()}', [['T(a.B).c()']]],
  ['{Text}', ['{Text}']],
  ['{#a["}"]}', [['#a["}"]']]],
  ["{#'it''s }'}", [["#'it''s }'"]]],
  ["{#{'a'}.contains({})}", [["#{'a'}.contains({})"]]],
  ["{#'\\'}{#b}", [["#'\\'"], ['#b']]],
  ['{ #a}', ['{ #a}']],
  ['{{#a}}', ['{', ['#a'], '}']],
])('%j', (text, parts) => {
  expect(texts(text)).toEqual(parts);
  expect(hasExpression(text)).toBe(parts.some((part) => Array.isArray(part)));
});

test('a backslash keeps a quote open where that is asked for', () => {
  expect(texts('{("a\\"}")}', true)).toEqual([['("a\\"}")']]);
});

test('parts know where they begin', () => {
  expect(splitTemplate('ab{#c}d').map(({ at }) => at)).toEqual([0, 3, 6]);
});
