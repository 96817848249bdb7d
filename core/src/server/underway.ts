/** Counts work that has begun and not settled. */
export class Underway {
  #count = 0;
  #waiting: (() => void)[] = [];

  add(work: Promise<void>): void {
    this.#count++;
    work.then(this.#settled, this.#settled);
  }

  /** Resolves when nothing is under way. */
  ended(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  readonly #settled = (): void => {
    if (--this.#count > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  };
}
