import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { run, step } from './run.mjs';

/** Programs that some tests need, and the Debian packages that have them. Without one its tests are skipped, but in CI. */
const PROGRAMS = [
  { path: '/usr/bin/chromium', packages: ['chromium'] },
  { path: '/usr/sbin/krb5kdc', packages: ['krb5-kdc', 'krb5-admin-server'] },
  // librdkafka renews its tickets by this command, and logs in by this module of the SASL library.
  { path: '/usr/bin/kinit', packages: ['krb5-user', 'libsasl2-modules-gssapi-mit'] },
];

/** In CI every test must run: installs what is missing where that may be done. */
export async function ensureTestPrograms() {
  const missing = PROGRAMS.filter(({ path }) => !existsSync(path)).flatMap(({ packages }) => packages);
  if (process.env.CI !== 'true' || missing.length === 0 || process.getuid?.() !== 0 || !hasApt()) return;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await step(`installing ${missing.join(', ')}`, async () => {
    await run('apt-get', ['update'], { quiet: true, env });
    await run('apt-get', ['install', '-y', '--no-install-recommends', ...missing], { quiet: true, env });
  });
}

function hasApt() {
  try {
    execFileSync('sh', ['-c', 'command -v apt-get'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
