import { join } from 'node:path';
import { prepare } from './lib/prepare.mjs';
import { ROOT, run, step } from './lib/run.mjs';

/** `npm run check`: format, lint, types, and whether generated files are fresh. */
const bin = (name) => join(ROOT, 'node_modules', '.bin', name);
try {
  await prepare();
  await step('format and lint', () => run(bin('biome'), ['ci', '.']));
  await step('types of the tests', () => run(bin('tsc'), ['-p', 'tsconfig.test.json']));
  await step('generated files', () => run(process.execPath, ['scripts/generate-docs.mjs', '--check']));
} catch (error) {
  console.error(`sluice: ${error.message}`);
  process.exit(1);
}
