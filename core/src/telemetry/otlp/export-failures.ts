import type { Logger } from '../../contract/logger.js';

/** A collector that stays away is told again so often. */
const TELL_AGAIN_MS = 3_600_000;

/** Tells of failing exports: the first, then one an hour with their number. An export that fails loses what it had. */
export class ExportFailures {
  #count = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly log: Logger) {}

  note(error: unknown): void {
    this.#count++;
    const now = performance.now();
    if (now - this.#toldAt < TELL_AGAIN_MS) return;
    this.#toldAt = now;
    const reason = error instanceof Error ? error.message : String(error);
    this.log.warn(
      { reason, failures: this.#count },
      'metrics or traces cannot be exported; this is told once an hour at most',
    );
  }
}
