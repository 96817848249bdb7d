import type { ByteSink } from '../contract/entrypoint.js';

/** A chunk that was written and not yet taken by the pretended socket. */
interface Held {
  readonly bytes: number;
  readonly taken: (() => void) | undefined;
}

/**
 * A client that records what it is sent. It takes every chunk at once, until told to `hold`: then nothing is
 * taken, and `write` returns false once `roomBytes` are waiting.
 */
export class RecordingSink implements ByteSink {
  /** Everything written, taken or not, in order; the same objects that were passed to `write`. */
  readonly chunks: (Buffer | string)[] = [];
  readonly #gone = new AbortController();
  readonly #held: Held[] = [];
  readonly #draining = new Set<() => void>();
  #holding = false;
  #takenAt = performance.now();

  /** @param roomBytes how many bytes may wait before `write` returns false, 0 or more */
  constructor(private readonly roomBytes = 0) {}

  get closed(): AbortSignal {
    return this.#gone.signal;
  }

  /** All that was written, as text. */
  get text(): string {
    return this.chunks.map(String).join('');
  }

  get stalledMs(): number {
    return this.#held.length === 0 ? 0 : performance.now() - this.#takenAt;
  }

  /** How many bytes wait to be taken. */
  get waitingBytes(): number {
    return this.#held.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  write(chunk: Buffer | string, taken?: () => void): boolean {
    this.chunks.push(chunk);
    if (this.closed.aborted) return false;
    this.#held.push({ bytes: Buffer.byteLength(chunk), taken });
    if (this.#holding) return this.waitingBytes <= this.roomBytes;
    queueMicrotask(() => {
      if (!this.#holding) this.take();
    });
    return true;
  }

  drained(): Promise<void> {
    if (this.closed.aborted || this.#held.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#draining.add(resolve);
    });
  }

  /** From now on nothing is taken by itself. */
  hold(): void {
    this.#holding = true;
  }

  /** Takes the oldest `count` chunks that wait, or all. */
  take(count = this.#held.length): void {
    if (this.closed.aborted) return;
    this.#takenAt = performance.now();
    for (const { taken } of this.#held.splice(0, count)) taken?.();
    if (this.#held.length === 0) this.#wake();
  }

  /** Takes everything, and goes on doing so. */
  release(): void {
    this.#holding = false;
    this.take();
  }

  /** The client goes away; what waits is never taken. */
  leave(): void {
    this.#gone.abort();
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#draining) resolve();
    this.#draining.clear();
  }
}
