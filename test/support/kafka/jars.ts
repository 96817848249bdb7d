import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { javaMajorVersion } from './java.js';

const pom = fileURLToPath(new URL('./pom.xml', import.meta.url));
const oldestJava = 17;

/** Whether a real Kafka can be started here, and if not, what is missing. */
export type RealKafkaAvailability = { ok: true } | { ok: false; reason: string };

/** Tells whether the programs that a real Kafka needs are installed; downloads nothing. */
export function realKafkaAvailable(): RealKafkaAvailability {
  if (process.platform === 'win32') {
    return { ok: false, reason: 'the Kafka test harness needs a POSIX system' };
  }
  const java = javaMajorVersion();
  if (java === null || java < oldestJava) {
    const found = java === null ? 'no Java was found' : `the Java found is ${java}`;
    return {
      ok: false,
      reason: `Apache Kafka needs Java ${oldestJava} or later, ${found}: install a JRE or JDK`,
    };
  }
  if (!existsSync(jarsFolder()) && spawnSync('mvn', ['--version']).status !== 0) {
    return { ok: false, reason: 'Apache Kafka is fetched by Maven, and mvn was not found: install maven' };
  }
  return { ok: true };
}

let pending: Promise<string> | undefined;

/**
 * The folder with the jars of Apache Kafka and its tools, filled by Maven on first use and kept in a cache:
 * `$SLUICE_CACHE_DIR`, else `$XDG_CACHE_HOME/sluice`, else `~/.cache/sluice`. Several processes may call it
 * at once. `log` gets one line when fetching takes longer than two seconds; it goes to stderr unless told.
 * Rejects with what to install when Java or Maven is missing, and with Maven's own words when it fails; the
 * next call tries again.
 */
export function ensureKafkaJars(
  log: (line: string) => void = (line) => void process.stderr.write(`${line}\n`),
): Promise<string> {
  pending ??= fetchJars(log).catch((error: unknown) => {
    pending = undefined;
    throw error;
  });
  return pending;
}

async function fetchJars(log: (line: string) => void): Promise<string> {
  const available = realKafkaAvailable();
  if (!available.ok) {
    throw new Error(available.reason);
  }
  const folder = jarsFolder();
  if (existsSync(folder)) {
    return folder;
  }
  await mkdir(cacheFolder(), { recursive: true });
  const partial = await mkdtemp(`${folder}.partial-`);
  const timer = setTimeout(() => log(`Fetching Apache Kafka ${kafkaVersion()} for the tests (once)`), 2000);
  try {
    await copyDependencies(partial);
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    // Another process was quicker: what it renamed is as complete as ours.
    if (!existsSync(folder)) {
      throw error;
    }
  } finally {
    clearTimeout(timer);
  }
  return folder;
}

async function copyDependencies(folder: string): Promise<void> {
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`];
  try {
    await promisify(execFile)('mvn', ['-B', '-q', '-C', '-Dstyle.color=never', '-f', pom, ...goal]);
  } catch (error) {
    const output =
      error instanceof Error && 'stdout' in error ? `${error.stdout}`.trim().slice(-2000) : error;
    throw new Error(`Maven could not fetch Apache Kafka (it needs Maven Central or a mirror):\n${output}`, {
      cause: error,
    });
  }
}

function jarsFolder(): string {
  return join(cacheFolder(), `kafka-${kafkaVersion()}`);
}

function cacheFolder(): string {
  const xdg = process.env.XDG_CACHE_HOME;
  return process.env.SLUICE_CACHE_DIR ?? (xdg ? join(xdg, 'sluice') : join(homedir(), '.cache', 'sluice'));
}

function kafkaVersion(): string {
  const version = /<kafka\.version>([^<]+)</.exec(readFileSync(pom, 'utf8'))?.[1];
  if (version === undefined) {
    throw new Error(`${pom} does not tell kafka.version`);
  }
  return version;
}
