import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CompleteResponse, ResponseHeaders } from '../contract/entrypoint.js';
import { nodeHeaders } from './response-headers.js';

/** How long what is left of a body is thrown away before the connection is cut. */
const DISCARD_MS = 1000;

/** Whether a part of the request's body has not been read. */
export function hasUnreadBody({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false;
  return (headers['content-length'] ?? '0') !== '0' || headers['transfer-encoding'] !== undefined;
}

/**
 * Answers a request whose body was left unread, and closes its connection: what comes on it cannot be told from
 * the next request. The rest is thrown away for a second first, because closing a connection with bytes unread
 * resets it, and a client that writes all before it reads would never see the answer.
 */
export function answerUnread(
  response: CompleteResponse,
  headers: ResponseHeaders,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  const body = response.body ?? '';
  const length = String(Buffer.byteLength(body));
  outgoing.writeHead(
    response.status,
    nodeHeaders({ ...headers, 'Content-Length': length, Connection: 'close' }),
  );
  outgoing.write(body);
  const end = () => {
    clearTimeout(timer);
    incoming.off('end', end).off('close', end);
    outgoing.end();
  };
  const timer = setTimeout(end, DISCARD_MS);
  incoming.on('end', end).on('close', end);
  incoming.resume();
}
