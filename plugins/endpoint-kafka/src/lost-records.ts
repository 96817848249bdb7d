import type { Logger } from '@sluice/core';

/** Told together, this often at most. */
const TELL_MS = 1000;

/** Tells the log of records that were not stored although they had been answered already: nobody else waits for them. */
export class LostRecords {
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly log: Logger) {}

  add(error: unknown, topic: string): void {
    this.#count++;
    this.#timer ??= setTimeout(() => {
      this.log.error(
        { err: error, topic, records: this.#count },
        'records that had been answered already were not stored',
      );
      this.#count = 0;
      this.#timer = undefined;
    }, TELL_MS);
  }
}
