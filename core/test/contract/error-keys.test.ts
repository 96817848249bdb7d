import { readdirSync, readFileSync } from 'node:fs';
import { ERRORS } from '@sluice/core';
import { expect, test } from 'vitest';

const ROOT = new URL('../../../', import.meta.url);
const TABLE = 'core/src/contract/error-table.ts';

/** Every source file of the product, but for the table itself and what only tests use. */
function sources(): readonly string[] {
  const within = (folder: string) =>
    readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
      .filter((name) => /^(\w[\w-]*\/)?src\/.*\.ts$/.test(name))
      .map((name) => `${folder}${name}`);
  return ['core/', 'entrypoints/', 'plugins/']
    .flatMap(within)
    .filter((file) => file !== TABLE && !file.startsWith('core/src/testing/'));
}

const text = sources()
  .map((file) => readFileSync(new URL(file, ROOT), 'utf8'))
  .join('\n');

test('the sources are found', () => {
  expect(sources()).toEqual(
    expect.arrayContaining(['core/src/server/http.ts', 'entrypoints/sse/src/stream.ts']),
  );
});

test('every key that is thrown is in the table', () => {
  const thrown = [...text.matchAll(/new SluiceError\(\s*'([^']+)'/g)].map(([, key]) => key);
  expect(thrown.length).toBeGreaterThan(10);
  expect(thrown.filter((key) => key === undefined || !(key in ERRORS))).toEqual([]);
});

test('every key of the table is used', () => {
  const unused = Object.keys(ERRORS).filter((key) => !text.includes(`'${key}'`));
  expect(unused).toEqual([]);
});
