import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepare } from './lib/prepare.mjs';
import { ROOT } from './lib/run.mjs';

/** `npm start`: installs and builds what is not fresh, then runs the gateway with an embedded Kafka and the samples. */
try {
  await prepare();
} catch (error) {
  console.error(`sluice: ${error.message}`);
  process.exit(1);
}

const args = ['start', '--apis', join(ROOT, 'api-definitions'), '--embedded-kafka', ...process.argv.slice(2)];
const gateway = spawn(process.execPath, [join(ROOT, 'core', 'bin', 'sluice.mjs'), ...args], {
  stdio: ['inherit', 'inherit', 'inherit'],
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => gateway.kill(signal));
gateway.on('exit', (code, signal) => process.exit(signal === null ? code : 1));

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const examples = /<!-- curls -->\s*```sh\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
const adminPort = process.env.SLUICE_ADMIN_PORT || '18082';
const port = process.env.SLUICE_PORT || '8082';

/** Shows what to try once the gateway answers. */
async function showExamples() {
  for (let attempt = 0; attempt < 150 && gateway.exitCode === null; attempt++) {
    const ready = await fetch(`http://127.0.0.1:${adminPort}/health/ready`).catch(() => undefined);
    if (ready?.ok) {
      console.log(`\nTry it, each in a terminal of its own:\n\n${examples.replaceAll(':8082', `:${port}`)}`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
await showExamples();
