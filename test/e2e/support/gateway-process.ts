import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/** The gateway as its users run it: the built command, in a process of its own. */
export interface GatewayProcess {
  readonly url: string;
  readonly adminUrl: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** Every line it logged so far. */
  readonly log: readonly Record<string, unknown>[];
  /** Resident memory in MiB, now. */
  rssMib(): Promise<number>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

export interface GatewayProcessOptions {
  readonly apis?: readonly object[];
  /** Further files beside `apis`, by name. */
  readonly files?: Readonly<Record<string, object>>;
  /** A folder of definition files, in place of `apis`. */
  readonly folder?: string;
  readonly args?: readonly string[];
  /** Beside what this process has; a variable that is undefined here is left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const COMMAND = resolve('core/bin/sluice.mjs');

/** Starts it as {@link launchGateway} does; it ends with the test. */
export async function startGatewayProcess(options: GatewayProcessOptions): Promise<GatewayProcess> {
  return await launchGateway(options, onTestFinished);
}

/**
 * Starts it on free ports (or those in `args`) with these definitions; resolves when it is ready.
 * @param atEnd is handed what ends the process and removes its files, at once, so that a start that fails leaves nothing
 */
export async function launchGateway(
  options: GatewayProcessOptions,
  atEnd: (end: () => Promise<void>) => void,
): Promise<GatewayProcess> {
  const made = await mkdtemp(join(tmpdir(), 'sluice-apis-'));
  for (const [index, api] of (options.apis ?? []).entries()) {
    await writeFile(join(made, `${index}.api.json`), JSON.stringify(api));
  }
  for (const [name, content] of Object.entries(options.files ?? {})) {
    await writeFile(join(made, name), JSON.stringify(content));
  }
  const folder = options.folder ?? made;
  const ports = options.args?.includes('--port') === true ? [] : ['--port', '0'];
  const args = ['start', '--apis', folder, ...ports, '--admin-port', '0', ...(options.args ?? [])];
  const child = spawn(process.execPath, [COMMAND, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...options.env },
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  atEnd(async () => {
    child.kill('SIGKILL');
    await rm(made, { recursive: true, force: true });
  });
  const log: Record<string, unknown>[] = [];
  const ready = new Promise<Record<string, unknown>>((resolve, reject) => {
    createInterface({ input: child.stdout as NonNullable<typeof child.stdout> }).on('line', (line) => {
      const entry = JSON.parse(line) as Record<string, unknown>;
      log.push(entry);
      if (entry.event === 'ready') resolve(entry);
    });
    void exited.then(([code]) => reject(new Error(`the gateway ended with ${code}: ${JSON.stringify(log)}`)));
  });
  const { port, adminPort } = (await ready) as { port: number; adminPort: number };
  return {
    url: `http://127.0.0.1:${port}`,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    port,
    process: child,
    log,
    rssMib: async () => {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
    },
    stop: async () => {
      child.kill('SIGTERM');
      return (await exited)[0];
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
