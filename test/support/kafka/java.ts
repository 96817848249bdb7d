import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { spawnGuarded } from './guarded-process.js';

const log4jConfig = fileURLToPath(new URL('./log4j2.xml', import.meta.url));

/** The java command: that of `JAVA_HOME` when it is set, else the one on the path. */
export function javaCommand(): string {
  const home = process.env.JAVA_HOME;
  return home ? join(home, 'bin', 'java') : 'java';
}

/** The major version of the installed Java (17, 21, ...), null when there is none that answers. */
export function javaMajorVersion(): number | null {
  const answer = spawnSync(javaCommand(), ['-version'], { encoding: 'utf8' });
  const version = /version "(?:1\.)?(\d+)/.exec(`${answer.stderr}${answer.stdout}`)?.[1];
  return version === undefined ? null : Number(version);
}

/** Flags for a JVM that starts quickly and stays small; `jars` is the folder with the classpath. */
export function jvmFlags(jars: string, heapMb: number): string[] {
  return [
    `-Xmx${heapMb}m`,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    // Would leave a file in the temporary folder after SIGKILL.
    '-XX:-UsePerfData',
    '-Djava.awt.headless=true',
    '-Dlog4j2.disable.jmx=true',
    `-Dlog4j2.configurationFile=${log4jConfig}`,
    '-cp',
    join(jars, '*'),
  ];
}

/** What one run of a Java tool needs besides its arguments. */
export interface JavaToolRun {
  jars: string;
  mainClass: string;
  args: string[];
  /** Milliseconds until the tool is killed and the run fails. */
  timeoutMs?: number;
  /** A folder to remove should the calling process die during the run. */
  folder?: string;
}

/**
 * Runs a Java tool to its end and gives what it printed. Rejects, with the end of its output, when it exits
 * with another code than 0 or does not end within `timeoutMs` (60,000 unless told).
 */
export async function runJavaTool(run: JavaToolRun): Promise<{ stdout: string; stderr: string }> {
  const timeoutMs = run.timeoutMs ?? 60_000;
  const args = [...jvmFlags(run.jars, 256), run.mainClass, ...run.args];
  const { child, exited, release } = spawnGuarded(javaCommand(), args, {
    folder: run.folder,
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const [stdout, stderr, end] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
    exited,
  ]);
  clearTimeout(timer);
  release();
  if (end !== 'code 0') {
    const output = `${stdout}\n${stderr}`.trim().slice(-4000);
    throw new Error(`${run.mainClass} ended with ${end} (limit ${timeoutMs} ms):\n${output}`);
  }
  return { stdout, stderr };
}
