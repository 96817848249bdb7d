import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { ERRORS } from '@sluice/core';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { buildCli, runCli } from '../support/cli.js';

beforeAll(buildCli);

/** Runs the generator; resolves with its exit code and what it printed. */
function generate(...args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/generate-docs.mjs', ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

/** A copy of the documentation that a test may spoil. */
async function docsCopy(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-docs-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp('docs', folder, { recursive: true });
  return folder;
}

test('what the documentation takes from the code is fresh', async () => {
  expect(await generate('--check')).toEqual({ code: 0, output: '' });
});

test('docs/errors.md has a line for every error', async () => {
  const page = await readFile('docs/errors.md', 'utf8');
  for (const [key, { status, message }] of Object.entries(ERRORS)) {
    expect(page).toMatch(new RegExp(`^\\| \`${key}\` \\| ${status} \\|`, 'm'));
    expect(page).toContain(message);
  }
});

test('docs/schema.json is what sluice schema prints', async () => {
  expect((await runCli(['schema'])).stdout).toBe(await readFile('docs/schema.json', 'utf8'));
});

test.each([
  ['errors.md', /\d{3}/],
  ['schema.json', /\d{3}/],
  ['plugins/mock.md', /\d{3}/],
  ['configuration.md', /20000/],
  ['observability.md', /\| gauge \|/],
])('a stale %s is found, and mended', async (name, spoilt) => {
  const docs = await docsCopy();
  const file = join(docs, name);
  const fresh = await readFile(file, 'utf8');
  await writeFile(file, fresh.replace(spoilt, '999'));
  const checked = await generate('--check', '--docs', docs);
  expect(checked.code).toBe(1);
  expect(checked.output).toContain(name);
  expect((await generate('--docs', docs)).code).toBe(0);
  expect(await readFile(file, 'utf8')).toBe(fresh);
});

test('results of a benchmark are left out of the repository, unless they are to be kept', async () => {
  const { resultsFolder } = (await import('../bench/results.mjs' as string)) as {
    resultsFolder(keep: boolean): string;
  };
  const [ignored] = relative(process.cwd(), resultsFolder(false)).split(sep);
  expect((await readFile('.gitignore', 'utf8')).split('\n')).toContain(`${ignored}/`);
  expect(relative(process.cwd(), resultsFolder(true))).toBe(join('test', 'bench', 'results'));
});

test('figures that are not those of the results are found, and mended', async () => {
  const docs = await docsCopy();
  const file = join(docs, 'performance.md');
  const fresh = await readFile(file, 'utf8');
  await writeFile(file, fresh.replace('<!-- /figures -->', '| a figure | 1 |\n<!-- /figures -->'));
  expect(await generate('--check', '--docs', docs)).toMatchObject({ code: 1 });
  expect((await generate('--docs', docs)).code).toBe(0);
  expect(await readFile(file, 'utf8')).toBe(fresh);
});

test('what is written by hand around the options stays', async () => {
  const docs = await docsCopy();
  const file = join(docs, 'plugins/sse.md');
  await writeFile(file, '# By hand\n\n<!-- options -->\nold\n<!-- /options -->\n\nBelow, by hand.\n');
  await generate('--docs', docs);
  const page = await readFile(file, 'utf8');
  expect(page).toMatch(/^# By hand\n\n<!-- options -->\n\| option \|/);
  expect(page).toMatch(/\n<!-- \/options -->\n\nBelow, by hand\.\n$/);
  expect(page).toContain('| `configuration.heartbeatIntervalInMs` | integer, 2000 to 3600000 | `5000` |');
  expect(page).not.toContain('old');
});

test('a page without the markers is refused by name', async () => {
  const docs = await docsCopy();
  await writeFile(join(docs, 'plugins/sse.md'), '# No markers\n');
  const { code, output } = await generate('--docs', docs);
  expect(code).toBe(1);
  expect(output).toContain('the page of "sse" needs the lines <!-- options --> and <!-- /options -->');
});
