import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chart } from './chart.mjs';
import { killAll, script } from './processes.mjs';
import { FANOUT_ROWS } from './rows-fanout.mjs';
import { POST_ROWS } from './rows-post.mjs';
import { STEP_ROWS } from './rows-steps.mjs';

/**
 * `npm run bench [-- --only NAME] [--quick]`: each row runs the gateway and its floor in turn on this machine and gives the
 * ratio. Writes test/bench/results/<date>.json and results/latest.svg. Needs a build.
 */
const HERE = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, quick: { type: 'boolean' } },
});
const all = { ...POST_ROWS, ...FANOUT_ROWS, ...STEP_ROWS };
const unknown = (values.only ?? []).filter((name) => !Object.keys(all).some((row) => row.startsWith(name)));
if (unknown.length > 0) {
  console.error(`no row begins with ${unknown.join(', ')}; there are ${Object.keys(all).join(', ')}`);
  process.exit(2);
}
const chosen = Object.entries(all).filter(
  ([name]) => values.only?.some((one) => name.startsWith(one)) ?? true,
);
const options = values.quick
  ? { pairs: 2, seconds: 3, events: 500_000 }
  : { pairs: 5, seconds: 8, events: 4_000_000 };
process.on('exit', killAll);

const broker = script('broker.mjs');
const bootstrap = await broker.line();
const results = [];
for (const [name, { title, target, run }] of chosen) {
  const progress = (pair, floor, ours) =>
    process.stderr.write(
      `  ${name} ${pair < 0 ? 'warm-up' : `pair ${pair + 1}`}: ${format(floor)} ${format(ours)}\n`,
    );
  const measured = await run(bootstrap, { ...options, progress });
  const result = { name, title, target: target ?? null, ...measured };
  results.push(result);
  console.log(line(result));
}
await broker.stop();
const date = new Date().toISOString().slice(0, 10);
const file = {
  date,
  node: process.version,
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  quick: values.quick === true,
  results,
};
const folder = join(HERE, 'results');
await mkdir(folder, { recursive: true });
await writeFile(join(folder, `${date}.json`), `${JSON.stringify(file, null, 2)}\n`);
await writeFile(join(folder, 'latest.svg'), chart(file));
process.exit(0);

function line({ title, floor, ours, unit, ratio, spread, target, note }) {
  const met = target === null ? '' : ratio >= target ? '  met' : `  BELOW ${target}`;
  const range = spread.map((one) => one.toFixed(2)).join('-');
  return `${title}: ${format(ours)} of ${format(floor)} ${unit}, ratio ${ratio.toFixed(2)} (${range})${met}${note === undefined ? '' : `  ${note}`}`;
}

function format(figure) {
  return Math.round(figure).toLocaleString('en');
}
