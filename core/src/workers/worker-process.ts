import cluster, { type Worker } from 'node:cluster';
import { rm } from 'node:fs/promises';
import type { Logger } from '../contract/logger.js';
import type { Handoffs } from './handoffs.js';

/** What a worker says once it serves. */
export interface WorkerReady {
  readonly event: 'ready';
  readonly port: number;
  readonly apis: readonly string[];
}

const RESTART_MS = { first: 100, most: 30_000 };
/** A worker that has run this long is not taken for one that cannot run. */
const STEADY_MS = 60_000;
/** Beyond the drain time, for what must be closed after it. */
const STOP_GRACE_MS = 2000;

/** One of the processes that serve: it is put up again whenever it ends, after a pause that grows while it does so often. */
export class WorkerProcess {
  #worker: Worker | undefined;
  #ready: WorkerReady | undefined;
  #stopping = false;
  #pauseMs = RESTART_MS.first;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param number from 1
   * @param socket where its management API listens
   * @param handoffs of all workers of the port
   */
  constructor(
    readonly number: number,
    readonly socket: string,
    private readonly environment: Readonly<Record<string, string>>,
    private readonly handoffs: Handoffs,
    private readonly log: Logger,
  ) {}

  /** Whether it serves now. */
  get isReady(): boolean {
    return this.#ready !== undefined;
  }

  /** Starts it; resolves when it serves. @throws Error when it ends before that: it has said why on stderr */
  start(): Promise<WorkerReady> {
    return new Promise((resolve, reject) => {
      this.#fork(resolve, () => reject(new Error(`worker ${this.number} did not start`)));
    });
  }

  /** Lets it drain, ends it otherwise; resolves with whether it ended cleanly. */
  async stop(drainTimeoutMs: number): Promise<boolean> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const worker = this.#worker;
    if (worker === undefined || worker.isDead()) return true;
    // It serves nobody yet: there is nothing to drain, and it may not listen for signals.
    if (this.#ready === undefined) {
      worker.process.kill('SIGKILL');
      return true;
    }
    const ended = new Promise<boolean>((resolve) => worker.once('exit', (code) => resolve(code === 0)));
    worker.process.kill('SIGTERM');
    const late = setTimeout(() => worker.process.kill('SIGKILL'), drainTimeoutMs + STOP_GRACE_MS);
    const clean = await ended;
    clearTimeout(late);
    return clean;
  }

  #fork(isReady: (ready: WorkerReady) => void, endedBefore: () => void): void {
    const startedAt = performance.now();
    const worker = cluster.fork({ ...this.environment, SLUICE_WORKER: String(this.number) });
    this.#worker = worker;
    this.handoffs.watch(worker);
    worker.once('message', (ready: WorkerReady) => {
      this.#ready = ready;
      this.log.info({ worker: this.number, pid: worker.process.pid }, 'a worker serves');
      isReady(ready);
    });
    worker.once('exit', (code, signal) => {
      const served = this.#ready !== undefined;
      this.#ready = undefined;
      if (this.#stopping) return;
      if (!served) endedBefore();
      if (performance.now() - startedAt > STEADY_MS) this.#pauseMs = RESTART_MS.first;
      const told = { worker: this.number, pid: worker.process.pid, code, signal, againInMs: this.#pauseMs };
      this.log.error(told, 'a worker has ended');
      this.#timer = setTimeout(() => void this.#again(), this.#pauseMs);
      this.#pauseMs = Math.min(this.#pauseMs * 2, RESTART_MS.most);
    });
  }

  async #again(): Promise<void> {
    // The one before may not have had the time to remove it.
    await rm(this.socket, { force: true });
    const none = () => {};
    if (!this.#stopping) this.#fork(none, none);
  }
}
