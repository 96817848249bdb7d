import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const CACHE =
  process.env.SLUICE_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sluice');
const run = promisify(execFile);

/**
 * A folder of the cache that the tests use too, filled by `fill(folder)` when it is not there: whole, or not at all.
 * @throws Error with the end of what the program printed that was to fill it
 */
async function cached(name, fill) {
  const folder = join(CACHE, name);
  if (existsSync(folder)) return folder;
  console.error(`installing ${name} (once)`);
  await mkdir(CACHE, { recursive: true });
  const partial = await mkdtemp(`${folder}.partial-`);
  try {
    await fill(partial);
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (existsSync(folder)) return folder;
    const printed = `${error.stdout ?? ''}${error.stderr ?? ''}`.trim().slice(-2000);
    throw new Error(`${name} could not be installed: ${error.message}\n${printed}`, { cause: error });
  }
  return folder;
}

/** The jars that a pom asks for. Needs Maven. */
async function jars(name, property, pomPath) {
  const pom = fileURLToPath(new URL(pomPath, import.meta.url));
  const version = new RegExp(`<${property}>([^<]+)<`).exec(await readFile(pom, 'utf8'))[1];
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime'];
  const folder = await cached(`${name}-${version}`, (into) =>
    run('mvn', ['-B', '-q', '-f', pom, ...goal, `-DoutputDirectory=${into}`]),
  );
  return { folder, version };
}

/** Apache Kafka, the one that the tests run. */
export const kafka = () => jars('kafka', 'kafka.version', '../../support/kafka/pom.xml');

/** Apache Camel. */
export const camel = () => jars('camel', 'camel.version', 'pom.xml');

/** Npm's kafka-sse. Its own node-rdkafka is compiled when it is installed, which takes minutes. */
export async function kafkaSse() {
  const version = '0.4.2';
  const folder = await cached(`kafka-sse-${version}`, async (into) => {
    const manifest = { private: true, dependencies: { 'kafka-sse': version } };
    await writeFile(join(into, 'package.json'), JSON.stringify(manifest));
    await run('npm', ['install', '--no-audit', '--no-fund'], { cwd: into, maxBuffer: 1e9 });
  });
  return { folder, version };
}
