import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { ThreadLost, ThreadTimeout } from './faults.js';
import type { ThreadJob, ThreadReply } from './job.js';

/** What loading a module may take, on a busy machine. */
const LOAD_MS = 30_000;

// By the name of the package: a module that is tested from its source has no built one beside it.
const main = createRequire(import.meta.url).resolve('@sluice/core/thread');

/** A thread that does one piece of work at a time. It keeps no process alive that has nothing else to do. */
export class Thread {
  readonly #worker: Worker;
  #end: ((fault: Error) => void) | undefined;
  #isUsable = true;

  /** @param memoryMb of its heap */
  constructor(memoryMb: number) {
    this.#worker = new Worker(main, {
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, stackSizeMb: 4 },
    });
    const lost = (cause: unknown) => this.#lose(new ThreadLost(cause));
    this.#worker.on('error', lost);
    this.#worker.on('exit', lost);
    this.#worker.unref();
  }

  /** Whether it can be given more work. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  /**
   * Does the work.
   * @returns what the module's function gives; rejects with ThreadTimeout or ThreadLost, after which the thread has
   * ended, or with an Error of the message that the function threw
   */
  async run({ module, input, timeMs }: ThreadJob): Promise<unknown> {
    const { value, transfer = [] } = input();
    let timer: NodeJS.Timeout | undefined;
    const endIn = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => this.#lose(new ThreadTimeout(timeMs)), ms);
    };
    const work = new Promise<unknown>((resolve, reject) => {
      this.#end = reject;
      this.#worker.removeAllListeners('message');
      this.#worker.on('message', (reply: ThreadReply) => {
        if (reply.is === 'begun') endIn(timeMs);
        else if (reply.is === 'done') resolve(reply.result);
        else reject(new Error(reply.message));
      });
    });
    try {
      this.#worker.postMessage({ module, value }, [...transfer]);
      endIn(LOAD_MS);
      return await work;
    } finally {
      clearTimeout(timer);
      this.#end = undefined;
      this.#worker.unref();
    }
  }

  /** Ends it. */
  async end(): Promise<void> {
    this.#isUsable = false;
    await this.#worker.terminate();
  }

  #lose(fault: Error): void {
    this.#end?.(fault);
    void this.end();
  }
}
