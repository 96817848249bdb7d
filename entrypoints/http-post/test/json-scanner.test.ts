import { MAX_JSON_DEPTH } from '@sluice/core';
import { describe, expect, test } from 'vitest';
import { fc } from '../../../test/support/property.js';
import { splitBody } from '../src/batch.js';
import { JsonScanner } from '../src/json-scanner.js';

/** The items of a text as JSON, read in steps of some bytes; undefined where it is no array. */
function itemsOf(text: string, steps = 3): readonly string[] | undefined {
  const bytes = Buffer.from(text);
  const items: string[] = [];
  const scanner = new JsonScanner(bytes, 0, bytes.length, (from, to) =>
    items.push(bytes.toString('utf8', from, to)),
  );
  while (!scanner.advance(steps));
  return scanner.isArray ? items : undefined;
}

function isJson(text: string, steps?: number): boolean {
  try {
    itemsOf(text, steps);
    return true;
  } catch {
    return false;
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('the scanner', () => {
  test.each([
    '',
    ' ',
    '[1,]',
    '[,1]',
    '[1 2]',
    '[1}',
    '{"a":1]',
    '{"a" 1}',
    '{"a":}',
    '{"a":1,}',
    '{,}',
    '{a:1}',
    "{'a':1}",
    '[1]]',
    '1 2',
    '01',
    '1.',
    '.5',
    '1e',
    '+1',
    '-',
    'tru',
    'truex',
    'nul',
    'NaN',
    '"a',
    '"\\x"',
    '"\\u12"',
    '"\\u12g4"',
    '"\t"',
    '"\n"',
    '\ufeff1',
    '[1]//',
    '[',
    '{"a":[1}',
  ])('refuses %j, as JSON.parse does', (text) => {
    expect(parses(text)).toBe(false);
    expect(isJson(text)).toBe(false);
    expect(isJson(text, 1000)).toBe(false);
  });

  test('takes what JSON.parse takes, whatever it is and in steps of any length', () => {
    fc.assert(
      fc.property(fc.json(), fc.integer({ min: 1, max: 50 }), (text, steps) => {
        expect(isJson(text, steps)).toBe(true);
      }),
    );
  });

  test('says of a text that was spoilt what JSON.parse says', () => {
    const spoilt = fc.tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom('', ',', ']', '}', '"', '\\', ':', '0', ' ', 'e'),
    );
    fc.assert(
      fc.property(spoilt, ([text, at, char]) => {
        const place = at % (text.length + 1);
        const changed = text.slice(0, place) + char + text.slice(place + 1);
        expect(isJson(changed), changed).toBe(parses(changed));
      }),
      { numRuns: 2000 },
    );
  });

  test('cuts the items of an array out as they stand', () => {
    fc.assert(
      fc.property(fc.array(fc.json(), { maxLength: 6 }), fc.constantFrom('', ' ', '\n\t'), (items, blank) => {
        const text = `[${items.map((item) => blank + item + blank).join(',')}]`;
        expect(itemsOf(text)).toEqual(items.map((item) => item.trim()));
      }),
    );
    expect(itemsOf('{"a":[1,2]}')).toBeUndefined();
    expect(itemsOf('[[1,[2]],{"a":[3]},"]",[]]')).toEqual(['[1,[2]]', '{"a":[3]}', '"]"', '[]']);
  });

  test('takes values as deep as the bound, and none that are deeper', () => {
    const deep = (depth: number) => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`;
    expect(isJson(deep(MAX_JSON_DEPTH))).toBe(true);
    expect(() => itemsOf(deep(MAX_JSON_DEPTH + 2))).toThrow(/nested deeper than 500/);
    expect(() => itemsOf('['.repeat(1_000_000))).toThrow(/nested deeper than 500/);
    expect(() => itemsOf('1'.repeat(1001))).toThrow(/number of more than 1000 digits/);
  });
});

describe('a body of 10 MB', () => {
  const MB = 10_000_000;
  const OPTIONS = { batches: ['ndjson', 'json-array'] as const, maxBatchMessages: 1000 };

  test.each([
    ['of many items', `[${'1,'.repeat(MB / 2)}1]`, 'application/json', 'BATCH_TOO_LARGE'],
    ['of many lines', '1\n'.repeat(MB / 2), 'application/x-ndjson', 'BATCH_TOO_LARGE'],
    ['of empty lines', '\n'.repeat(MB), 'application/x-ndjson', undefined],
    ['of deep nesting', '['.repeat(MB), 'application/json', 'INVALID_BATCH'],
    ['of one long text', `["${'x'.repeat(MB)}"]`, 'application/json', undefined],
    ['of escapes', `["${'\\n'.repeat(MB / 2)}"]`, 'application/json', undefined],
    ['of blanks', `[${' '.repeat(MB)}]`, 'application/json', undefined],
    ['of many values in one', `[[${'1,'.repeat(MB / 2)}1]]`, 'application/json', undefined],
    ['of a long number', '1'.repeat(MB), 'application/json', 'INVALID_BATCH'],
  ])('%s keeps nobody waiting', async (_, text, type, key) => {
    const body = Buffer.from(text);
    let longest = 0;
    let last = process.cpuUsage();
    let running = true;
    const watch = () => {
      // Of this process alone: others of the machine do not count.
      const { user, system } = process.cpuUsage(last);
      last = process.cpuUsage();
      longest = Math.max(longest, (user + system) / 1000);
      if (running) setImmediate(watch);
    };
    setImmediate(watch);
    const outcome = await splitBody(body, type, OPTIONS).then(
      () => undefined,
      (error: { key: string }) => error.key,
    );
    running = false;
    expect(outcome).toBe(key);
    // Turns are of 5 ms; the rest is for the collection of garbage.
    expect(longest).toBeLessThan(50);
  });
});
