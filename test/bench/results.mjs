import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chart } from './chart.mjs';

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), 'results');

/**
 * The newest results, or undefined. `rows` is by name of the row: when it was measured, whether shortly (`quick`), and its
 * `figures`.
 */
export async function latestResults() {
  const files = (await readdir(FOLDER).catch(() => [])).filter((name) =>
    /^\d{4}-\d\d-\d\d\.json$/.test(name),
  );
  const newest = files.sort().at(-1);
  return newest === undefined ? undefined : JSON.parse(await readFile(join(FOLDER, newest), 'utf8'));
}

/**
 * Writes today's results: those of these rows, and of all others what the newest file has of them, so that a row can be
 * measured alone. Rows that there are no longer are left out.
 * @param measured by name; `order` the names of all rows
 */
export async function writeResults(measured, order, quick) {
  const before = (await latestResults())?.rows ?? {};
  const date = new Date().toISOString().slice(0, 10);
  const rows = {};
  for (const name of order) {
    const figures = measured[name];
    if (figures !== undefined) rows[name] = { date, quick, figures };
    else if (before[name] !== undefined) rows[name] = before[name];
  }
  const machine = { node: process.versions.node, cpu: cpus()[0]?.model, cores: cpus().length };
  await mkdir(FOLDER, { recursive: true });
  await writeFile(join(FOLDER, `${date}.json`), `${JSON.stringify({ ...machine, rows }, null, 2)}\n`);
  const figures = Object.values(rows).flatMap((row) => row.figures);
  await writeFile(join(FOLDER, 'latest.svg'), chart(machine, figures));
}
