import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureCompiler, nodeHeaders } from './native.mjs';
import { ROOT, run, step } from './run.mjs';

const STAMP = join(ROOT, 'node_modules', '.sluice-installed');

/** Installs and builds what is not fresh. The first time compiles librdkafka: some minutes; later ones take a second. */
export async function prepare() {
  checkNode();
  await install();
  await step('building', async () => {
    await run(join(ROOT, 'node_modules', '.bin', 'tsc'), ['-b']);
    await run(process.execPath, [join('scripts', 'compile-schemas.mjs')]);
  });
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 20)) return;
  throw new Error(`Node 20.20 or later is needed; this is ${process.versions.node}`);
}

async function install() {
  const wanted = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  await ensureCompiler();
  const headers = await nodeHeaders();
  const { config } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const args = ['--yes', `pnpm@${config.pnpm}`, 'install', '--frozen-lockfile', '--reporter=append-only'];
  await step('installing dependencies (the first time compiles librdkafka: some minutes)', () =>
    run('npx', args, { quiet: true, env: { CI: 'true', ...headers } }),
  );
  writeFileSync(STAMP, wanted);
}

/** Of everything that decides what is installed, and of the Node that native code was compiled for. */
function fingerprint() {
  const hash = createHash('sha256').update(process.version);
  const manifests = ['core', 'test', ...below('entrypoints'), ...below('plugins')].map(
    (folder) => `${folder}/package.json`,
  );
  const patches = readdirSync(join(ROOT, 'patches')).map((name) => `patches/${name}`);
  for (const file of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests, ...patches]) {
    if (existsSync(join(ROOT, file))) hash.update(file).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex');
}

function below(folder) {
  return readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`);
}
