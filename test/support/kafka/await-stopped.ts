import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const limitMs = 5000;

/**
 * Resolves when every thread of a process that was sent SIGSTOP stands still, or the process is gone. `kill`
 * returns before that: threads running on another core go on for a while (up to tens of milliseconds were
 * seen) and can still answer a request. Where there is no /proc it resolves at once. Rejects after five
 * seconds, as when the process was resumed meanwhile.
 */
export async function awaitStopped(pid: number): Promise<void> {
  const deadline = Date.now() + limitMs;
  while ((await threadStates(`/proc/${pid}/task`)).some((state) => state !== 'T')) {
    if (Date.now() > deadline) {
      throw new Error(`process ${pid} did not stand still within ${limitMs} ms`);
    }
    await delay(1);
  }
}

async function threadStates(folder: string): Promise<string[]> {
  const threads = await readdir(folder).catch(() => []);
  // A thread that ended meanwhile has no state to read, and answers as little as a stopped one.
  const stats = await Promise.all(
    threads.map((id) => readFile(`${folder}/${id}/stat`, 'utf8').catch(() => ') T ')),
  );
  return stats.map((stat) => /.*\) (\S)/s.exec(stat)?.[1] ?? 'T');
}
