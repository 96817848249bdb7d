import type { EndSignal } from '../contract/end-signal.js';

/** The stop of a server, for all its exchanges: to begin and to end to listen costs the same with ten thousand listeners. */
export class Stop implements EndSignal {
  readonly #listeners = new Set<() => void>();
  #begun = false;

  /** Whether the server stops. */
  get begun(): boolean {
    return this.#begun;
  }

  get aborted(): boolean {
    return this.#begun;
  }

  begin(): void {
    this.#begun = true;
    for (const listener of [...this.#listeners]) if (this.#listeners.delete(listener)) listener();
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }
}
