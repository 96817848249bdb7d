import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { chunkOf } from '../contract/shared-bytes.js';
import { SocketSink, type WriteCallback } from './socket-sink.js';

/**
 * A sink on a response whose head has been written. Shared bytes go to the socket as the chunk they are: node would write each
 * in four parts, put together anew for each client. While the response waits behind another one of its connection it has no
 * socket yet.
 */
export class ResponseSink extends SocketSink<ServerResponse> {
  protected override pass(chunk: Buffer | string, done: WriteCallback | undefined): void {
    const { socket, chunkedEncoding } = this.outgoing;
    const whole = chunkedEncoding ? chunkOf(chunk) : undefined;
    if (socket === null || whole === undefined) this.outgoing.write(chunk, done as WriteCallback);
    else socket.write(whole, done);
  }

  protected override get buffer(): Writable {
    return this.outgoing.socket ?? this.outgoing;
  }
}
