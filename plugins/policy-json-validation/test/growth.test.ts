import { describe, expect, test } from 'vitest';
import { ContentCheck } from '../src/check-content.js';
import { compileJsonCheck } from '../src/compile-schema.js';

const list = (length: number, item: (index: number) => unknown) =>
  Array.from({ length }, (_, index) => item(index));
const members = (length: number) =>
  Object.fromEntries(Array.from({ length }, (_, index) => [`member${index}`, 1]));
const draft2019 = { $schema: 'https://json-schema.org/draft/2019-09/schema' };

/** A schema, and contents of a size that it has the most work with. */
const CASES: readonly (readonly [name: string, schema: object, content: (size: number) => unknown])[] = [
  ['uniqueItems of objects', { uniqueItems: true }, (size) => list(size, (n) => ({ n, same: true }))],
  ['uniqueItems of lists', { uniqueItems: true }, (size) => list(size, (n) => [1, [n]])],
  ['uniqueItems of texts', { uniqueItems: true }, (size) => list(size, (n) => `text ${n}`)],
  [
    'pattern of an e-mail address',
    { pattern: '^([a-zA-Z0-9_.-]+)+@([a-zA-Z0-9-]+.)+[a-zA-Z]{2,}$' },
    (size) => `${'a'.repeat(size)}@${'a.'.repeat(size * 10)}!`,
  ],
  [
    'pattern of alternatives',
    { pattern: '^(?:ab|a|b)*(?:ab|a|b)*$' },
    (size) => `${'ab'.repeat(size * 10)}c`,
  ],
  ['patternProperties', { patternProperties: { '(?:e|m|em)*[0-9]+x': {} } }, (size) => members(size)],
  ['additionalProperties', { properties: { a: {} }, additionalProperties: { type: 'number' } }, members],
  ['propertyNames', { propertyNames: { pattern: '(m|e|me)*\\d$' } }, members],
  ['contains', { contains: { const: 'nothing' } }, (size) => list(size, (n) => n)],
  [
    'contains of some',
    { ...draft2019, contains: { type: 'object' }, minContains: 1e6 },
    (size) => list(size, (n) => ({ n })),
  ],
  [
    'anyOf',
    { items: { anyOf: [{ type: 'null' }, { const: { n: -1 } }, { type: 'object' }] } },
    (size) => list(size, (n) => ({ n })),
  ],
  [
    'oneOf',
    { items: { oneOf: [{ required: ['a'] }, { required: ['n'] }] } },
    (size) => list(size, (n) => ({ n })),
  ],
  [
    'if and not',
    { items: { if: { minProperties: 2 }, else: { not: { required: ['x'] } } } },
    (size) => list(size, (n) => ({ n })),
  ],
  ['enum of objects', { items: { enum: [{ n: -1 }, 1] } }, (size) => list(size, () => 1)],
  ['dependencies', { dependencies: { member1: ['member2'], member2: { minProperties: 1 } } }, members],
  [
    'unevaluatedProperties',
    { ...draft2019, allOf: [{ patternProperties: { '^m': true } }], unevaluatedProperties: false },
    members,
  ],
  [
    'unevaluatedItems',
    { ...draft2019, items: [{}], unevaluatedItems: { type: 'number' } },
    (size) => list(size, (n) => n),
  ],
  [
    'references',
    { items: { $ref: '#/definitions/a' }, definitions: { a: { type: 'object' } } },
    (size) => list(size, (n) => ({ n })),
  ],
  ['a wide tree', { items: { $ref: '#' }, uniqueItems: true }, (size) => list(size, (n) => [n, [n]])],
];

describe('twice the content takes at most about twice the time', () => {
  test.each(CASES)('%s', { retry: 3 }, (_name, schema, content) => {
    const check = compileJsonCheck(JSON.stringify(schema));
    const took = (size: number) => {
      const bytes = Buffer.from(JSON.stringify(content(size)));
      let best = Number.POSITIVE_INFINITY;
      for (let run = 0; run < 6; run++) {
        const began = performance.now();
        check.problemOf(bytes, 10_000);
        best = Math.min(best, performance.now() - began);
      }
      return best;
    };
    took(500);
    // Some milliseconds are within what a clock and a collector of garbage disturb.
    expect(took(12_000)).toBeLessThan(took(6000) * 2.5 + 8);
  });
});

describe('one check holds nobody up', () => {
  /** What a check gives, and what it took before it gave the event loop a turn: the rest is a thread's. */
  async function timed(check: ContentCheck, content: Buffer) {
    const began = performance.now();
    const finding = check.of(content);
    const turnMs = performance.now() - began;
    return { finding: await finding, turnMs };
  }
  const checkOf = (schema: object, ms = 30_000) => new ContentCheck(JSON.stringify(schema), ms);
  const branch = { allOf: [{ properties: { a: { $ref: '#' } } }, { required: ['b'] }] };
  const branching = { anyOf: [branch, branch] };
  const nested = (depth: number) => Buffer.from(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);

  test('one of ten megabytes', { retry: 3 }, async () => {
    const content = Buffer.from(JSON.stringify(list(600_000, (n) => ({ number: n }))));
    const check = checkOf({ type: 'array', uniqueItems: true, items: { type: 'object' } });
    await timed(check, Buffer.alloc(70_000));
    const { finding, turnMs } = await timed(check, content);
    expect(finding).toBeUndefined();
    expect(turnMs).toBeLessThan(50);
    const wrong = checkOf({ type: 'array', items: { required: ['name'] } });
    expect(await wrong.of(content)).toEqual({
      message: "The content does not match its schema: /0 must have required property 'name'",
    });
  });

  test.each([
    ['that doubles with each level', branching, nested(40)],
    ['that doubles with each of five hundred levels', branching, nested(500)],
  ])('one %s is ended and says so', { retry: 3 }, async (_name, schema, content) => {
    const check = checkOf(schema, 300);
    const { finding, turnMs } = await timed(check, content);
    expect(turnMs).toBeLessThan(50);
    expect(finding).toEqual({
      message: 'The content is too large to be checked: it took longer than 300 ms',
      isTooLarge: true,
    });
  });

  test('one of a deep content, at once and in a thread', async () => {
    const check = checkOf({ properties: { a: { $ref: '#' } } });
    expect([undefined, { message: 'The content is nested too deep' }]).toContainEqual(
      await check.of(nested(10_000)),
    );
    expect(await check.of(nested(200_000))).toEqual({ message: 'The content is nested too deep' });
    const unique = checkOf({ uniqueItems: true });
    const lists = Buffer.from(`[[${'['.repeat(9000)}${']'.repeat(9000)}],1]`);
    expect([undefined, { message: 'The content is nested too deep' }]).toContainEqual(await unique.of(lists));
  });

  test('what is told of a content is short', async () => {
    const content = Buffer.from(JSON.stringify({ ['x'.repeat(50_000)]: { y: 1 } }));
    const finding = await checkOf({ additionalProperties: { type: 'number' } }).of(content);
    expect(finding?.message.length).toBeLessThan(500);
  });

  test('small ones of usual schemas are checked at once', () => {
    const check = checkOf({ type: 'object', required: ['id'], properties: { id: { pattern: '^[a-z]+$' } } });
    expect(check.of(Buffer.from('{"id":"a"}'))).toBeUndefined();
    expect(check.of(Buffer.from('{"id":"1"}'))).toEqual({
      message: 'The content does not match its schema: /id must match pattern "^[a-z]+$"',
    });
  });
});

test.each([
  [
    { uniqueItems: true },
    [
      { a: 1, b: [2] },
      { b: [2], a: 1 },
    ],
    /items ## 0 and 1 are identical/,
  ],
  [{ uniqueItems: true }, ['1', 1, true, 'true', null, 'null', [1], ['1'], {}, [], 's1', 'o{}'], undefined],
  [{ uniqueItems: true }, [1, 1.0], /identical/],
  [{ uniqueItems: false }, [1, 1], undefined],
])('%j of %j', (schema, content, says) => {
  const problem = compileJsonCheck(JSON.stringify(schema)).problemOf(
    Buffer.from(JSON.stringify(content)),
    1000,
  );
  if (says === undefined) expect(problem).toBeUndefined();
  else expect(problem).toMatch(says);
});

test('a pattern that cannot be matched in linear time is refused with what to write', () => {
  const compile = () => compileJsonCheck('{"pattern":"(a)\\\\1"}');
  expect(compile).toThrow(/^schema: a reference to a group .* compare the parts/);
});
