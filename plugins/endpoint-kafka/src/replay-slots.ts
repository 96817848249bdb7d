import { SluiceError } from '@sluice/core';

/** Clients that may wait for a replay; the next one is refused. */
const MAX_WAITING = 1000;

/** Bounds how many replays of one endpoint run at a time: each has a Kafka consumer of its own. Others wait in line. */
export class ReplaySlots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly max: number) {
    this.#free = max;
  }

  get running(): number {
    return this.max - this.#free;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves with the function that gives the slot back, or undefined when the signal came first.
   * @throws SluiceError `TOO_MANY_CONSUMERS` when the line is full
   */
  async take(signal: AbortSignal): Promise<(() => void) | undefined> {
    if (this.#free === 0) {
      if (this.#waiting.length >= MAX_WAITING) throw new SluiceError('TOO_MANY_CONSUMERS');
      await this.#turn(signal);
      if (signal.aborted) return undefined;
    }
    this.#free--;
    return () => {
      this.#free++;
      this.#waiting.shift()?.();
    };
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(done), 1);
        done();
      };
      this.#waiting.push(done);
      signal.addEventListener('abort', leave);
    });
  }
}
