import type { ServerResponse } from 'node:http';
import type { CompleteResponse, ResponseHeaders } from '../contract/entrypoint.js';
import { nodeHeaders } from './response-headers.js';

/** Sends an answer whose body is at hand, with its length. Node sends no body to HEAD. */
export function answerComplete(
  { status, body }: CompleteResponse,
  headers: ResponseHeaders,
  outgoing: ServerResponse,
): void {
  if (body !== undefined) {
    const length = String(Buffer.byteLength(body));
    outgoing.writeHead(status, nodeHeaders({ ...headers, 'Content-Length': length })).end(body);
    return;
  }
  // RFC 9110 §8.6: a 204 has no length, and that of a HEAD would be the length GET answers with.
  const hasLength = status !== 204 && outgoing.req.method !== 'HEAD';
  outgoing.writeHead(status, nodeHeaders(hasLength ? { 'Content-Length': '0', ...headers } : headers)).end();
}
