import { join } from 'node:path';
import { prepare } from './lib/prepare.mjs';
import { ROOT, run } from './lib/run.mjs';

/** `npm run bench`: installs and builds what is not fresh, then measures. Arguments go to test/bench/run.mjs. */
try {
  await prepare();
  await run(process.execPath, [join(ROOT, 'test', 'bench', 'run.mjs'), ...process.argv.slice(2)]);
} catch (error) {
  console.error(`sluice: ${error.message}`);
  process.exit(1);
}
