import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from '@sluice/core/testing';
import { onTestFinished } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COMMAND = join(ROOT, 'core/bin/sluice.mjs');

/** Brings what the command line runs up to date with the sources. */
export async function buildCli(): Promise<void> {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [tsc, '-b'], { cwd: ROOT });
}

/** How a command that ran to its end did. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that goes on. */
export interface RunningCli {
  readonly child: ChildProcess;
  /** The lines of stdout, each a JSON object. */
  lines(): readonly Record<string, unknown>[];
  stderr(): string;
  /** Resolves with the line of this event. */
  event(name: string): Promise<Record<string, unknown>>;
  /** Resolves with the exit code once it has ended. */
  ended(timeoutMs?: number): Promise<number | null>;
}

/**
 * Begins to run `sluice` with the given arguments, at the repository's root; killed when the test ends.
 * @param ownGroup whether it leads a process group of its own, which signals may be sent to
 */
export function startCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  ownGroup = false,
): RunningCli {
  const running = launch(args, env, ownGroup);
  onTestFinished(() => void running.child.kill('SIGKILL'));
  return running;
}

function launch(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  detached = false,
): RunningCli {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(SLUICE_|KAFKA_|VITEST|NODE_)/.test(name),
  );
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd: ROOT,
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached,
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk;
    });
  }
  let code: number | null | undefined;
  child.on('close', (exitCode) => {
    code = exitCode;
  });
  const lines = () =>
    output.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    child,
    lines,
    stderr: () => output.stderr,
    event: async (name) => {
      const found = () => lines().find(({ event }) => event === name);
      await until(() => found() !== undefined || code !== undefined, 15_000, `the line of ${name}`);
      return found() ?? Promise.reject(new Error(`ended with ${code}: ${output.stdout}${output.stderr}`));
    },
    ended: async (timeoutMs = 30_000) => {
      await until(() => code !== undefined, timeoutMs, `the end of the command, after ${output.stdout}`);
      return code ?? null;
    },
  };
}

/** Runs `sluice` to its end. */
export async function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  const running = launch(args, env);
  let stdout = '';
  running.child.stdout?.on('data', (chunk: string) => {
    stdout += chunk;
  });
  const code = await running.ended();
  return { code, stdout, stderr: running.stderr() };
}

/** A new folder with the given files, removed when the test ends. */
export async function folderWith(files: Readonly<Record<string, string | object>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}
