import type { Writable } from 'node:stream';
import type { EndSignal } from '../contract/end-signal.js';
import type { ByteSink } from '../contract/entrypoint.js';

/** A {@link ByteSink} on a socket, or on what is written to one; it is itself the signal that the client has gone. */
export class SocketSink<Outgoing extends Writable = Writable> implements ByteSink, EndSignal {
  /** What had been taken when it was last looked, and when that was first so. */
  #taken = -1;
  #takenAt = 0;

  constructor(protected readonly outgoing: Outgoing) {}

  get closed(): EndSignal {
    return this;
  }

  get aborted(): boolean {
    return this.outgoing.destroyed;
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.outgoing.on('close', listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.outgoing.off('close', listener);
  }

  get stalledMs(): number {
    const { writableLength, bytesWritten = 0 }: Writable & { readonly bytesWritten?: number } = this.buffer;
    const taken = writableLength === 0 ? -1 : bytesWritten - writableLength;
    if (taken < 0 || taken !== this.#taken) {
      this.#taken = taken;
      this.#takenAt = performance.now();
    }
    return taken < 0 ? 0 : performance.now() - this.#takenAt;
  }

  write(chunk: Buffer | string, taken?: () => void): boolean {
    if (this.outgoing.destroyed) return false;
    this.pass(chunk, taken === undefined ? undefined : unlessFailed(taken));
    return hasRoom(this.buffer);
  }

  drained(): Promise<void> {
    const { buffer } = this;
    if (this.aborted || hasRoom(buffer)) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        buffer.off('drain', done);
        this.outgoing.off('close', done);
        resolve();
      };
      buffer.on('drain', done);
      this.outgoing.on('close', done);
    });
  }

  protected pass(chunk: Buffer | string, done: WriteCallback | undefined): void {
    this.outgoing.write(chunk, done);
  }

  /** Where bytes wait for the client. */
  protected get buffer(): Writable {
    return this.outgoing;
  }
}

/** Called by a stream once a chunk is written, or could not be. */
export type WriteCallback = (error?: Error | null) => void;

function unlessFailed(taken: () => void): WriteCallback {
  return (error) => {
    if (error === undefined || error === null) taken();
  };
}

/**
 * Whether nothing waits for the client. What a stream's `write` returns is not that: for a chunk larger than its buffer it is
 * false also when the operating system has taken all of it at once.
 */
function hasRoom(stream: Writable): boolean {
  return !stream.writableNeedDrain || stream.writableLength === 0;
}

/** A sink whose client is gone, for streams that must still release what they opened. */
export const CLOSED_SINK: ByteSink = {
  write: () => false,
  drained: () => Promise.resolve(),
  stalledMs: 0,
  closed: AbortSignal.abort(),
};
