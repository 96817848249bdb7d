import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chart } from './chart.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
/** Those that the documentation shows; they are a part of the repository. */
const KEPT = join(HERE, 'results');
/** All others: git ignores them, and nothing reads them. */
const LOCAL = join(HERE, '..', '..', '.sluice', 'bench');

/**
 * The newest results, or undefined. `rows` is by name of the row: when it was measured, whether shortly (`quick`), and its
 * `figures`.
 */
export async function latestResults(folder = KEPT) {
  const files = (await readdir(folder).catch(() => [])).filter((name) =>
    /^\d{4}-\d\d-\d\d\.json$/.test(name),
  );
  const newest = files.sort().at(-1);
  return newest === undefined ? undefined : JSON.parse(await readFile(join(folder, newest), 'utf8'));
}

/** Where results are written. @param keep whether the documentation is to show them */
export function resultsFolder(keep) {
  return keep ? KEPT : LOCAL;
}

/**
 * Writes today's results: those of these rows, and of all others what the newest file has of them, so that a row can be
 * measured alone. Rows that there are no longer are left out.
 * @param measured by name; `order` the names of all rows
 * @param keep whether they are those that the documentation shows from now on
 * @returns the folder they are in
 */
export async function writeResults(measured, order, { quick, keep }) {
  const folder = resultsFolder(keep);
  const before = (await latestResults(folder))?.rows ?? {};
  const date = new Date().toISOString().slice(0, 10);
  const rows = {};
  for (const name of order) {
    const figures = measured[name];
    if (figures !== undefined) rows[name] = { date, quick, figures };
    else if (before[name] !== undefined) rows[name] = before[name];
  }
  const machine = { node: process.versions.node, cpu: cpus()[0]?.model, cores: cpus().length };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${date}.json`), `${JSON.stringify({ ...machine, rows }, null, 2)}\n`);
  const figures = Object.values(rows).flatMap((row) => row.figures);
  await writeFile(join(folder, 'latest.svg'), chart(machine, figures));
  return folder;
}
