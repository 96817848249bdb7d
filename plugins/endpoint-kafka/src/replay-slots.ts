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

  /** Whether the next one has to wait. */
  get full(): boolean {
    return this.#free === 0;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves with the function that gives the slot back, which may be called twice, or undefined when the signal came first.
   * @throws SluiceError `TOO_MANY_CONSUMERS` when the line is full
   */
  async take(signal: AbortSignal): Promise<(() => void) | undefined> {
    if (signal.aborted) return undefined;
    if (this.#free > 0) this.#free--;
    else {
      if (this.#waiting.length >= MAX_WAITING) throw new SluiceError('TOO_MANY_CONSUMERS');
      if (!(await this.#turn(signal))) return undefined;
    }
    let held = true;
    return () => {
      if (held) this.#giveBack();
      held = false;
    };
  }

  /** A slot goes to the next in line itself: who comes meanwhile cannot overtake. */
  #giveBack(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }

  /** Whether its turn came before the signal. */
  #turn(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const come = () => {
        signal.removeEventListener('abort', leave);
        resolve(true);
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(come), 1);
        resolve(false);
      };
      this.#waiting.push(come);
      signal.addEventListener('abort', leave, { once: true });
    });
  }
}
