import { expect, test } from 'vitest';
import { MAX_JSON_DEPTH, parseJson } from '../../src/contract/json.js';

const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

test('a text is read as deep as it may be, and no deeper', () => {
  expect(() => parseJson(deep(MAX_JSON_DEPTH))).not.toThrow();
  expect(() => parseJson(deep(MAX_JSON_DEPTH + 1))).toThrow(/more than 500 values inside of each other/);
  expect(() => parseJson(`${'{"a":'.repeat(501)}1${'}'.repeat(501)}`)).toThrow(SyntaxError);
});

test.each(['"[[[["', '"\\"[[[["', '"\\\\"', '["\\\\\\"[", 1]'])(
  'brackets in a string are none: %s',
  (text) => {
    const padded = text.replaceAll('[[[[', '['.repeat(600));
    expect(parseJson(padded)).toEqual(JSON.parse(padded));
  },
);

test.each([
  ['[1,2,3]', 3, 2],
  ['{"a":[1,{"b":2}],"c":",,::"}', 6, 5],
  ['"a,b:c"', 1, 0],
])('values are counted: %s', (text, enough, tooFew) => {
  const padded = `${text}${' '.repeat(50)}`;
  expect(parseJson(padded, enough)).toEqual(JSON.parse(text));
  expect(() => parseJson(padded, tooFew)).toThrow(`more than ${tooFew} values`);
});
