import type { ClosingConnection } from './exchange-context.js';

/**
 * The stop of a server, as a signal for each exchange that asks. One signal for all would cost each of ten thousand
 * streams a walk over the listeners of all others whenever it begins or ends to listen, which it does for each write that
 * waits: node looks for a listener among all those there are.
 */
export class Stop {
  readonly #signals = new Set<AbortController>();
  #begun = false;

  /** Whether the server stops. */
  get begun(): boolean {
    return this.#begun;
  }

  begin(): void {
    this.#begun = true;
    for (const controller of this.#signals) controller.abort();
    this.#signals.clear();
  }

  /** A signal that is aborted when the server begins to stop, for as long as the connection is open. */
  signalFor(connection: ClosingConnection): AbortSignal {
    if (this.#begun) return AbortSignal.abort();
    const controller = new AbortController();
    this.#signals.add(controller);
    connection.once('close', () => this.#signals.delete(controller));
    if (connection.destroyed) this.#signals.delete(controller);
    return controller.signal;
  }
}
