import type { Writable } from 'node:stream';
import type { ByteSink } from '../contract/entrypoint.js';

/** A {@link ByteSink} on a raw response whose head has been written, or on a socket. */
export class SocketSink implements ByteSink {
  constructor(
    private readonly outgoing: Writable,
    readonly closed: AbortSignal,
  ) {}

  write(chunk: Buffer | string, taken?: () => void): boolean {
    if (this.outgoing.destroyed) return false;
    if (taken === undefined) return this.outgoing.write(chunk);
    return this.outgoing.write(chunk, (error) => {
      if (error === undefined || error === null) taken();
    });
  }

  drained(): Promise<void> {
    if (this.closed.aborted || !this.outgoing.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.outgoing.off('drain', done);
        this.closed.removeEventListener('abort', done);
        resolve();
      };
      this.outgoing.once('drain', done);
      this.closed.addEventListener('abort', done);
    });
  }
}

/** A sink whose client is gone, for streams that must still release what they opened. */
export const CLOSED_SINK: ByteSink = {
  write: () => false,
  drained: () => Promise.resolve(),
  closed: AbortSignal.abort(),
};
