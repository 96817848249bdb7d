import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { killAll, profileInto, script } from './processes.mjs';
import { line, shown } from './report.mjs';
import { writeResults } from './results.mjs';
import { FANOUT_ROWS } from './rows-fanout.mjs';
import { MEMORY_ROWS } from './rows-memory.mjs';
import { PAGE_ROWS } from './rows-pages.mjs';
import { PEER_ROWS } from './rows-peers.mjs';
import { POST_ROWS } from './rows-post.mjs';
import { START_ROWS } from './rows-start.mjs';
import { STEP_ROWS } from './rows-steps.mjs';
import { STREAM_ROWS } from './rows-streams.mjs';
import { WEBHOOK_ROWS } from './rows-webhook.mjs';

/**
 * `npm run bench [-- --only NAME] [--quick] [--pairs N] [--minutes N] [--profile DIR] [--keep]`: each row runs the gateway and its floor in turn
 * on this machine and gives the ratio. Writes .sluice/bench/, which git ignores, and with `--keep` test/bench/results/, which the documentation shows: run
 * `node scripts/generate-docs.mjs` then. Needs a build. A NAME that ends in `*` takes all rows that
 * begin so; those beside other products, which need Java and Maven, are run when they are named or with `--peers`. With `--profile` each gateway leaves a CPU profile in DIR, and nothing is written to the results.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    peers: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    pairs: { type: 'string' },
    profile: { type: 'string' },
    minutes: { type: 'string' },
  },
});
const all = {
  ...POST_ROWS,
  ...FANOUT_ROWS,
  ...STREAM_ROWS,
  ...PAGE_ROWS,
  ...WEBHOOK_ROWS,
  ...START_ROWS,
  ...MEMORY_ROWS,
  ...STEP_ROWS,
  ...PEER_ROWS,
};
const takes = (wanted, row) => (wanted.endsWith('*') ? row.startsWith(wanted.slice(0, -1)) : row === wanted);
const unknown = (values.only ?? []).filter((name) => !Object.keys(all).some((row) => takes(name, row)));
if (unknown.length > 0) {
  console.error(`no row is called ${unknown.join(', ')}; there are ${Object.keys(all).join(', ')}`);
  process.exit(2);
}
const chosen = Object.entries(all).filter(
  ([row]) => values.only?.some((one) => takes(one, row)) ?? (values.peers || !(row in PEER_ROWS)),
);
const { pairs, ...rest } = values.quick
  ? { pairs: 2, seconds: 3, events: 500_000 }
  : { pairs: 5, seconds: 8, events: 4_000_000 };
const options = {
  ...rest,
  quick: values.quick,
  pairs: Number(values.pairs ?? pairs),
  // Of the row that watches memory.
  minutes: Number(values.minutes ?? (values.quick ? 1 : 10)),
};
process.on('exit', () => killAll());
if (values.profile !== undefined) {
  await mkdir(values.profile, { recursive: true });
  profileInto(resolve(values.profile));
}

const broker = script('broker.mjs');
const bootstrap = await broker.line();
const measured = {};
const failed = [];
let folder;
for (const [name, run] of chosen) {
  const progress = (pair, floor, ours) =>
    process.stderr.write(
      `  ${name} ${pair < 0 ? 'warm-up' : `pair ${pair + 1}`}: ${shown(floor)} ${shown(ours)}\n`,
    );
  try {
    measured[name] = await run(bootstrap, { ...options, progress });
  } catch (error) {
    // The others can still be measured.
    console.error(`${name} was not measured: ${error.message}`);
    failed.push(name);
    killAll({ but: broker });
    continue;
  }
  for (const figure of measured[name]) console.log(line(figure));
  // After each row: a run that is broken off keeps what it has.
  if (values.profile === undefined) folder = await writeResults(measured, Object.keys(all), values);
}
if (folder !== undefined) console.error(`written to ${folder}`);
await broker.stop();
process.exit(failed.length === 0 ? 0 : 1);
