import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';

const ATTACKER = fileURLToPath(new URL('./attacker.mjs', import.meta.url));

/** Connections that all do the same, again when they have ended. */
export interface Wave {
  readonly bytes?: Buffer;
  readonly connections: number;
  /**
   * `reads`: writes all and reads until the other side closes or is silent for 300 ms. `leaves`: writes all and resets the
   * connection. `deaf`: writes all, reads nothing and stays. `trickles`: writes the first `at` bytes, then a byte a second.
   */
  readonly manner: 'reads' | 'leaves' | 'deaf' | 'trickles';
  /** Of `trickles`, the bytes that are written at once. */
  readonly at?: number;
  /** Between the end of a connection and the next, in milliseconds. */
  readonly restMs: number;
}

/** What became of an attack. */
export interface Played {
  /** Connections that were made. */
  readonly played: number;
  /** How many of them were answered each status first. */
  readonly answers: Readonly<Record<string, number>>;
}

/** Plays waves to a port for a time, all from one process of its own, and ends when that has. */
export async function attack(port: number, forMs: number, waves: readonly Wave[]): Promise<Played> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-attack-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const told = await Promise.all(
    waves.map(async ({ bytes, ...rest }, index) => {
      if (bytes === undefined) return rest;
      const file = join(folder, `${index}`);
      await writeFile(file, bytes);
      return { ...rest, file };
    }),
  );
  const wavesFile = join(folder, 'waves.json');
  await writeFile(wavesFile, JSON.stringify(told));
  const args = [ATTACKER, String(port), String(forMs), wavesFile];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Played;
}
