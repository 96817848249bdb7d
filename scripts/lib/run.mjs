import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The repository's root, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Runs a command to its end, in the root. Rejects when it does not exit with 0; its output is shown as it comes,
 * or, with `quiet`, only then.
 */
export function run(command, args, { env = {}, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'];
    const child = spawn(command, args, { cwd: ROOT, stdio, env: { ...process.env, ...env } });
    const output = [];
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => output.push(chunk));
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (code === 0) return resolve();
      const tail = Buffer.concat(output).toString().split('\n').slice(-60).join('\n');
      reject(new Error(`${command} ${args.join(' ')} ended with ${signal ?? code}\n${tail}`));
    });
  });
}

/** Runs a step that may take long: says so when it takes more than two seconds, and how long it took. */
export async function step(name, work) {
  const begun = Date.now();
  const seconds = () => `${Math.round((Date.now() - begun) / 1000)} s`;
  let told = false;
  const timer = setInterval(() => {
    told = true;
    console.log(`sluice: ${name} ... ${seconds()}`);
  }, 10_000);
  const soon = setTimeout(() => {
    told = true;
    console.log(`sluice: ${name} ...`);
  }, 2000);
  try {
    const result = await work();
    if (told) console.log(`sluice: ${name} took ${seconds()}`);
    return result;
  } finally {
    clearInterval(timer);
    clearTimeout(soon);
  }
}
