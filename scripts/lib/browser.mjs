import { execFileSync } from 'node:child_process';
import { run, step } from './run.mjs';

/** In CI the browser tests must run: installs Debian's Chromium where it is missing and that may be done. */
export async function ensureBrowser() {
  if (process.env.CI !== 'true' || isThere() || process.getuid?.() !== 0) return;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await step('installing chromium', async () => {
    await run('apt-get', ['update'], { quiet: true, env });
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { quiet: true, env });
  });
}

function isThere() {
  try {
    execFileSync('sh', ['-c', 'command -v chromium'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
