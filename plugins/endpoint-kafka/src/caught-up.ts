/**
 * Whether what was stored when a subscription was made has been handed out, for those who wait for no more than that.
 * Costs nothing until somebody asks.
 */
export class CaughtUp {
  #promise: Promise<void> | undefined;
  #resolve: (() => void) | undefined;

  /** @param isBehind whether something of it is still to come; once false it is not asked again */
  constructor(private readonly isBehind: () => boolean) {}

  /** Resolves once nothing of it is to come any more. */
  get promise(): Promise<void> {
    this.#promise ??= new Promise((resolve) => {
      this.#resolve = resolve;
      this.check();
    });
    return this.#promise;
  }

  /** Looks again: something was handed out, or passed by. */
  check(): void {
    if (this.#resolve === undefined || this.isBehind()) return;
    this.#resolve();
    this.#resolve = undefined;
  }
}
