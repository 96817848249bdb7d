import { join } from 'node:path';
import { prepare } from './lib/prepare.mjs';
import { ROOT, run } from './lib/run.mjs';
import { ensureTestPrograms } from './lib/test-programs.mjs';

/** `npm test`: installs and builds what is not fresh, then runs every suite. Arguments go to vitest. */
try {
  await prepare();
  await ensureTestPrograms();
  const reporters = [
    '--reporter=default',
    `--reporter=${join(ROOT, 'scripts', 'lib', 'summary-reporter.mjs')}`,
  ];
  await run(join(ROOT, 'node_modules', '.bin', 'vitest'), ['run', ...reporters, ...process.argv.slice(2)]);
} catch (error) {
  console.error(`sluice: ${error.message}`);
  process.exit(1);
}
