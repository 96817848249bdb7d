import { connect, type Socket } from 'node:net';
import { until } from '@sluice/core/testing';
import { onTestFinished } from 'vitest';

/** A TCP connection on which a test writes bytes that no HTTP client would. */
export interface RawSocket {
  readonly socket: Socket;
  /** Everything received so far. */
  received(): string;
  /** Resolves once what was received matches. */
  receives(pattern: RegExp, timeoutMs?: number): Promise<string>;
  /** Resolves once the other side has closed the connection. */
  closed(timeoutMs?: number): Promise<void>;
}

/** Connects to a port of 127.0.0.1; closed when the test ends. */
export async function rawSocket(port: number): Promise<RawSocket> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  let ended = false;
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('end', () => {
    ended = true;
  });
  socket.on('close', () => {
    ended = true;
  });
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await new Promise((resolve) => socket.once('connect', resolve));
  const received = () => Buffer.concat(chunks).toString('latin1');
  return {
    socket,
    received,
    receives: async (pattern, timeoutMs = 5000) => {
      await until(() => pattern.test(received()), timeoutMs, `${pattern} in ${JSON.stringify(received())}`);
      return received();
    },
    closed: (timeoutMs = 5000) => until(() => ended, timeoutMs, 'the end of the connection'),
  };
}
