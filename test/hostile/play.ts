import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PLAYER = fileURLToPath(new URL('./player.mjs', import.meta.url));

/**
 * Sends bytes to a port from a process of its own, and reads until the other side closes or is silent for `idleMs`.
 * Gives the first line of what was answered.
 */
export async function play(port: number, bytes: Buffer, folder: string, idleMs = 400): Promise<string> {
  const file = join(folder, 'bytes');
  await writeFile(file, bytes);
  const { stdout } = await promisify(execFile)(process.execPath, [
    PLAYER,
    String(port),
    file,
    String(idleMs),
  ]);
  return stdout;
}
