/** Lets those who wait pass while it is open; it may be closed again. */
export class Gate {
  #opened: Promise<void> | undefined;
  #isOpen = false;
  #open = () => {};

  /** Resolves when it is open, at once while it is. */
  get opened(): Promise<void> {
    if (this.#isOpen) return Promise.resolve();
    this.#opened ??= new Promise((resolve) => {
      this.#open = resolve;
    });
    return this.#opened;
  }

  open(): void {
    this.#isOpen = true;
    this.#open();
    this.#opened = undefined;
  }

  close(): void {
    this.#isOpen = false;
  }
}
