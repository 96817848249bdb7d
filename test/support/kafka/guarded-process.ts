import { type ChildProcess, spawn } from 'node:child_process';
import { Writable } from 'node:stream';

/**
 * The shell becomes the command (`exec`, so the child's id is the command's), and leaves a reader of file
 * descriptor 3 behind. Only the calling process holds the other end; the kernel closes it however that
 * process ends, SIGKILL included. The last word read tells what is left to do then; no word means the command
 * still runs.
 */
const guardScript = `
{
  state=running
  while read -r word; do state=$word; done
  if [ $state = running ]; then kill -9 $$; fi
  if [ $state != released ]; then rm -rf "$0"; fi
} <&3 >/dev/null 2>&1 &
exec "$@" 3<&-`;

/** A child process that cannot outlive the process that started it. */
export interface GuardedProcess {
  child: ChildProcess;
  /**
   * Resolves, and never rejects, when the command has ended: 'code 0', 'SIGKILL', or why it did not start.
   */
  exited: Promise<string>;
  /** Ends the guard of a command that has ended; from then on its folder is the caller's to remove. */
  release(): void;
}

/** Where the output goes (a pipe to the caller or an open file), and what to clean up. */
export interface GuardOptions {
  stdout: 'pipe' | 'ignore' | number;
  stderr: 'pipe' | 'ignore' | number;
  /**
   * Removed when the calling process dies before `release()`, whether or not the command has ended by then.
   */
  folder?: string | undefined;
  /** Beside the environment of this process. */
  env?: Readonly<Record<string, string>> | undefined;
}

/**
 * Starts `command` such that it is killed, and its folder removed, when this process dies in whatever way.
 */
export function spawnGuarded(command: string, args: string[], options: GuardOptions): GuardedProcess {
  const child = spawn('/bin/sh', ['-c', guardScript, options.folder ?? '', command, ...args], {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', options.stdout, options.stderr, 'pipe'],
    // A group of its own: Ctrl-C in a terminal must not stop the broker under tests that still clean up.
    detached: true,
  });
  const guard = child.stdio[3];
  if (!(guard instanceof Writable)) {
    throw new Error(`no pipe to the guard of ${command}`);
  }
  guard.on('error', () => {});
  if ('unref' in guard && typeof guard.unref === 'function') {
    guard.unref();
  }
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`error ${error.message}`));
    child.once('exit', (code, signal) => {
      // Said at once: from here on the id may belong to another process.
      guard.write('exited\n');
      resolve(signal ?? `code ${code}`);
    });
  });
  return { child, exited, release: () => void guard.end('released\n') };
}
