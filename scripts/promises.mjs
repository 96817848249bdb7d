import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepare } from './lib/prepare.mjs';
import { ROOT, run } from './lib/run.mjs';

/** `npm run promises -- --minutes N [--seed S]`: histories against the promises, for as long as one likes. */
try {
  const options = { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } };
  const { minutes, seed } = parseArgs({ options }).values;
  if (!(Number(minutes) > 0)) throw new Error(`--minutes takes a number above 0; "${minutes}" is not`);
  if (seed !== undefined && !/^\d{1,9}$/.test(seed))
    throw new Error(`--seed takes a whole number; "${seed}" is not`);
  await prepare();
  const env = {
    SLUICE_PROMISES_MINUTES: minutes,
    ...(seed === undefined ? {} : { SLUICE_PROMISES_SEED: seed }),
  };
  await run(
    join(ROOT, 'node_modules', '.bin', 'vitest'),
    ['run', '--project', 'kafka', 'test/promises/machine.test.ts'],
    { env },
  );
} catch (error) {
  console.error(`sluice: ${error.message}`);
  process.exit(1);
}
