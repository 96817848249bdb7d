import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type ErrorKey, SluiceError } from '../contract/errors.js';
import { errorResponse } from './error-response.js';

/** Answers what node's parser gave up on, for which there is no request object, and closes the connection. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status, headers, body } = errorResponse(new SluiceError(keyOf(error.code)), randomUUID(), ['*/*']);
  const lines = Object.entries({
    ...headers,
    'Content-Length': String(Buffer.byteLength(body ?? '')),
    Connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('\r\n')}\r\n\r\n${String(body)}`);
}

function keyOf(code: string | undefined): ErrorKey {
  if (code === 'HPE_HEADER_OVERFLOW') return 'HEADERS_TOO_LARGE';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'REQUEST_BODY_TIMEOUT' : 'BAD_REQUEST';
}
