import { SluiceError } from '../contract/errors.js';
import type { ThreadJob } from './job.js';
import { Thread } from './thread.js';

/** How much there may be of what. */
export interface PoolLimits {
  readonly threads: number;
  /** Pieces of work that wait, of one owner. */
  readonly waiting: number;
  /** Of the heap of a thread. */
  readonly memoryMb: number;
}

interface Waiting {
  readonly job: ThreadJob;
  readonly resolve: (result: Promise<unknown>) => void;
}

/**
 * A few threads, started when they are needed. Owners have their turns one after the other, one piece of work each; none has all
 * threads where there are several.
 */
export class ThreadPool {
  readonly #idle: Thread[] = [];
  readonly #waiting = new Map<string, Waiting[]>();
  #busy = 0;
  /** Threads that an owner has. */
  readonly #held = new Map<string, number>();

  constructor(private readonly limits: PoolLimits) {}

  /**
   * Does work in a thread.
   * @returns what its module gives; rejects as `Thread.run` does, and with SluiceError `TOO_MANY_EVALUATIONS` when too
   * much of its owner waits, or who asked has gone meanwhile
   */
  run(job: ThreadJob): Promise<unknown> {
    return new Promise((resolve) => {
      const queue = this.#waiting.get(job.owner) ?? [];
      if (queue.length >= this.limits.waiting) {
        return resolve(Promise.reject(new SluiceError('TOO_MANY_EVALUATIONS')));
      }
      queue.push({ job, resolve });
      this.#waiting.set(job.owner, queue);
      this.#next();
    });
  }

  /** Ends the threads that have nothing to do. */
  async end(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((thread) => thread.end()));
  }

  #next(): void {
    while (this.#busy < this.limits.threads) {
      const first = this.#take();
      if (first === undefined) return;
      const { job, resolve } = first;
      if (job.signal?.aborted === true) resolve(Promise.reject(gone()));
      else resolve(this.#do(job));
    }
  }

  #take(): Waiting | undefined {
    const most = Math.max(1, this.limits.threads - 1);
    for (const [owner, queue] of this.#waiting) {
      if ((this.#held.get(owner) ?? 0) >= most) continue;
      // The next turn is another's.
      this.#waiting.delete(owner);
      const first = queue.shift();
      if (queue.length > 0) this.#waiting.set(owner, queue);
      return first;
    }
    return undefined;
  }

  async #do(job: ThreadJob): Promise<unknown> {
    const { owner } = job;
    this.#busy++;
    this.#held.set(owner, (this.#held.get(owner) ?? 0) + 1);
    const thread = this.#usable();
    try {
      return await thread.run(job);
    } finally {
      this.#busy--;
      const left = (this.#held.get(owner) ?? 1) - 1;
      if (left === 0) this.#held.delete(owner);
      else this.#held.set(owner, left);
      if (thread.isUsable) this.#idle.push(thread);
      this.#next();
    }
  }

  #usable(): Thread {
    for (let thread = this.#idle.pop(); thread !== undefined; thread = this.#idle.pop()) {
      if (thread.isUsable) return thread;
    }
    return new Thread(this.limits.memoryMb);
  }
}

function gone(): SluiceError {
  return new SluiceError('TOO_MANY_EVALUATIONS', { cause: new Error('nobody waits for it any more') });
}
