import { describe, expect, test } from 'vitest';
import { fc } from '../../../test/support/property.js';
import { type JsonText, parseJsonText } from '../../src/definition/json-text.js';

function parsed(text: string): JsonText {
  const result = parseJsonText(text);
  if (!('locate' in result)) throw new Error(JSON.stringify(result));
  return result;
}

const places = (text: string) => {
  const result = parseJsonText(text);
  return 'locate' in result ? [] : result.map(({ line, column, message }) => `${line}:${column} ${message}`);
};

describe('a syntax problem is told with its line and column', () => {
  test.each([
    ['', '1:1 the document is empty'],
    [
      '{\n  "a": 1,\n}',
      '3:1 a member name in double quotes must stand here (is there a comma too many before it?)',
    ],
    ['[1,\n 2,\n]', '3:1 a value must stand here (is there a comma too many before it?)'],
    ['{"a" 1}', '1:6 a colon must stand here'],
    ['{"a": 1\n "b": 2}', '2:2 a comma must stand here'],
    ['{"a": 1', '1:8 a closing brace } is missing'],
    ['[1', '1:3 a closing bracket ] is missing'],
    ['  \n', '1:1 the document is empty'],
    ['{} 1', '1:4 the document ends before this; remove what follows'],
    ['// note\n{}', '1:1 JSON has no comments'],
    ["{'a': 1}", '1:2 this is not a JSON value; strings need double quotes'],
    ['{"a": "b\n}', '1:7 a closing double quote is missing'],
    ['{"a": "\u0001"}', '1:7 this character must be escaped in a JSON string'],
    ['{"a": 1e}', '1:7 this is not a JSON number'],
    ['{"a": "C:\\dir"}', '1:7 a backslash in a JSON string must be written twice'],
    ['{"a": "\\u12"}', '1:7 four hexadecimal digits must follow \\u in a JSON string'],
    ['/* note', '1:1 JSON has no comments'],
  ])('%j', (text, expected) => {
    expect(places(text)[0]).toBe(expected);
  });

  test('every one of them, not only the first', () => {
    expect(places('{\n"a": oops,\n"b" 1,\n"c": 2,\n}').map((place) => place.split(' ')[0])).toEqual([
      '2:6',
      '3:5',
      '5:1',
    ]);
  });
});

test('lines are counted the same with CRLF', () => {
  expect(places('{\r\n"a": oops}')[0]).toMatch(/^2:6 /);
});

test('a byte order mark at the beginning is passed over', () => {
  expect(parsed('\uFEFF{"a": 1}').value).toEqual({ a: 1 });
  expect(places('\uFEFF{\n,}')[0]).toMatch(/^2:1 /);
});

test.each([
  ['brackets in strings', `["${'['.repeat(300)}", {}]`],
  ['brackets after an escaped quote', JSON.stringify([`"${'{'.repeat(300)}`, '\\'])],
  ['many side by side', `[${'[],'.repeat(300)}[]]`],
])('%s are not taken for nesting', (_, text) => {
  expect('value' in parseJsonText(text)).toBe(true);
});

test.each([
  ['a string that ends with a backslash', String.raw`["\\",`],
  ['an escaped quote', String.raw`["\"",`],
])('what is nested too deeply after %s is found', (_, before) => {
  expect(parseJsonText(before + '['.repeat(300))).toMatchObject([
    { column: before.length + 200, message: 'nested more than 200 levels deep' },
  ]);
});

test('a text that is nested too deeply is a problem, not an overflow of the stack', () => {
  expect(places('['.repeat(100_000))).toEqual(['1:201 nested more than 200 levels deep']);
  expect(places(`${'['.repeat(200)}${']'.repeat(200)}`)).toEqual([]);
  expect(places(JSON.stringify({ text: `\\"${'['.repeat(1000)}` }))).toEqual([]);
});

describe('the place of a member', () => {
  const text = '{\n  "a": {\n    "b": [1, {"c": 2}]\n  }\n}';

  test.each([
    [[], 1, 1],
    [['a'], 2, 3],
    [['a', 'b'], 3, 5],
    [['a', 'b', 0], 3, 11],
    [['a', 'b', 1, 'c'], 3, 15],
  ])('%j', (path, line, column) => {
    expect(parsed(text).locate(path)).toEqual({ line, column });
  });

  test('that is not there is that of its nearest ancestor', () => {
    expect(parsed(text).locate(['a', 'none', 'further'])).toEqual({ line: 2, column: 3 });
    expect(parsed(text).locate(['none'])).toEqual({ line: 1, column: 1 });
  });
});

test('it takes what JSON.parse takes, with the same value, and nothing else', () => {
  const spoiled = fc.tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 })).map(([json, at, more]) => {
    const cut = at % (json.length + 1);
    return json.slice(0, cut) + more + json.slice(cut);
  });
  fc.assert(
    fc.property(fc.oneof(fc.json(), spoiled, fc.string()), (text) => {
      let expected: { value: unknown } | undefined;
      try {
        expected = { value: JSON.parse(text) };
      } catch {
        expected = undefined;
      }
      const result = parseJsonText(text);
      const isTwice =
        !('locate' in result) && result.some(({ message }) => message.includes('a second time'));
      if (isTwice && expected !== undefined) return;
      expect('locate' in result ? { value: result.value } : undefined).toEqual(expected);
    }),
    { numRuns: 1000 },
  );
});

test('a member that stands twice is told with its second place, in whatever object', () => {
  expect(parseJsonText('{"a": {"b": 1,\n "c": 2, "b": 3}, "d": [{"e": 1, "e": 1}], "a": 0}')).toEqual([
    { line: 2, column: 10, message: 'the member "b" stands here a second time; remove one' },
    { line: 2, column: 34, message: 'the member "e" stands here a second time; remove one' },
    { line: 2, column: 44, message: 'the member "a" stands here a second time; remove one' },
  ]);
  expect(parseJsonText('[{"a": 1}, {"a": 1, "A": {"a": 1}}]')).toHaveProperty('value');
});
