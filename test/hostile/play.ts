import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PLAYER = fileURLToPath(new URL('./player.mjs', import.meta.url));

/** Plays bytes to a port from a process of its own, one after the other. */
export interface Player {
  /** What `play` sends from now on. */
  load(bytes: Buffer): Promise<void>;
  /**
   * Sends it, reads until the other side closes or has begun to answer and is silent for `idleMs`, and gives the first line of
   * what was answered.
   */
  play(port: number, idleMs?: number): Promise<string>;
  /** Ends the process. */
  end(): Promise<void>;
}

/** Starts the process. */
export async function startPlayer(): Promise<Player> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-play-'));
  const file = join(folder, 'bytes');
  const child = fork(PLAYER);
  await once(child, 'spawn');
  return {
    load: (bytes) => writeFile(file, bytes),
    play: async (port, idleMs = 100) => {
      const answer = once(child, 'message');
      child.send({ port, file, idleMs });
      return String((await answer)[0]);
    },
    end: async () => {
      child.disconnect();
      await rm(folder, { recursive: true });
    },
  };
}
