import { describe, expect, test } from 'vitest';
import { compileTemplate } from '../../src/expression/expression.js';
import { scope } from './fixture.js';
import { TABLE } from './table.js';

describe.each(TABLE)('%s', (_group, rows) => {
  test.each(rows)('%s is %j', async (text, value) => {
    expect(await compileTemplate(text).evaluate(scope())).toEqual(value);
  });
});

test('the table has at least 150 expressions, no two the same', () => {
  const texts = TABLE.flatMap(([, rows]) => rows.map(([text]) => text));
  expect(texts.length).toBeGreaterThanOrEqual(150);
  expect(new Set(texts).size).toBe(texts.length);
});
