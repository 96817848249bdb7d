import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = /^sluice-workers-(\d+)-/;

/** Makes the folder of the workers' sockets, and removes those that processes left behind which were killed. */
export async function makeSocketsFolder(parent = tmpdir()): Promise<string> {
  for (const name of await readdir(parent)) {
    const pid = NAME.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    // Another user's cannot be removed, and is none of ours.
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => {});
  }
  return await mkdtemp(join(parent, `sluice-workers-${process.pid}-`));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, but another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
