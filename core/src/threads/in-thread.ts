import type { ThreadJob } from './job.js';
import { ThreadPool } from './thread-pool.js';

/** Those of the process: two, so that one long piece of work does not hold up every other. JSON of 10 MiB takes 300 MB. */
const pool = new ThreadPool({ threads: 2, waiting: 10_000, memoryMb: 512 });

/**
 * Does work in a thread of the process, where the event loop must not wait for it. Owners have their turns one after
 * the other; 10,000 pieces of work of one owner may wait: each stream and request waits for one at a time.
 * @returns what its module gives; rejects with ThreadTimeout, ThreadLost, SluiceError `TOO_MANY_EVALUATIONS`, or an
 * Error of what the module threw
 */
export function inThread(job: ThreadJob): Promise<unknown> {
  return pool.run(job);
}
