import type { Logger } from '../contract/logger.js';

/** One part of the process, started after those before it and stopped before them. */
export interface Part {
  readonly name: string;
  start(): Promise<void>;
  /** Should end by itself within `timeoutMs`; it is not waited for much longer. */
  stop?(timeoutMs: number): Promise<void>;
  readonly startTimeoutMs?: number;
}

const DEFAULT_START_TIMEOUT_MS = 30_000;
const STOP_GRACE_MS = 500;

/** Starts parts in order and stops them in reverse, each within a time limit, naming the part that failed. */
export class Lifecycle {
  readonly #started: Part[] = [];

  constructor(private readonly log: Logger) {}

  /** @throws Error naming the part, once those already started have been stopped again */
  async start(parts: readonly Part[], stopTimeoutMs: number): Promise<void> {
    for (const part of parts) {
      const begun = performance.now();
      try {
        // Before it has started, so that a part that fails half-way is stopped too.
        this.#started.push(part);
        await within(
          part.start(),
          part.startTimeoutMs ?? DEFAULT_START_TIMEOUT_MS,
          `${part.name} did not start`,
        );
      } catch (error) {
        await this.stop(stopTimeoutMs);
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`${part.name}: ${reason}`, { cause: error });
      }
      this.log.debug({ part: part.name, ms: Math.round(performance.now() - begun) }, 'started');
    }
  }

  /** Stops what was started; `timeoutMs` is for all parts together. Resolves with the names of those that failed. */
  async stop(timeoutMs: number): Promise<readonly string[]> {
    const deadline = performance.now() + timeoutMs;
    const failed: string[] = [];
    for (let part = this.#started.pop(); part !== undefined; part = this.#started.pop()) {
      const left = Math.max(0, deadline - performance.now());
      try {
        const stopped = part.stop?.(left) ?? Promise.resolve();
        await within(stopped, left + STOP_GRACE_MS, `${part.name} did not stop in time`);
      } catch (error) {
        failed.push(part.name);
        this.log.error({ part: part.name, err: error }, 'did not stop cleanly');
      }
    }
    return failed;
  }
}

async function within<T>(work: Promise<T>, timeoutMs: number, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${message} within ${Math.round(timeoutMs)} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
