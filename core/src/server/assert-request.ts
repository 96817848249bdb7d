import type { IncomingMessage } from 'node:http';
import { SluiceError } from '../contract/errors.js';

/** Of one request. Node drops those above a number of its own in silence, which must therefore be a greater one. */
export const MAX_HEADERS = 1000;

/** A name, an address, or nothing (RFC 9112 §3.2 lets it be empty), and a port. */
const HOST = /^(?:[\w.~!$&'()*+,;=%-]*|\[[\da-fA-F:.]+\])(?::\d{0,5})?$/;
const ABSOLUTE = /^https?:\/\//i;
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|$)/i;

/**
 * Refuses what node's parser takes although it is no part of a URL, which proxies and caches before and behind us may
 * read in another way.
 * @throws SluiceError `BAD_REQUEST`, `UNSUPPORTED_TRANSFER_ENCODING`, `HEADERS_TOO_LARGE`, `EXPECTATION_FAILED`
 */
export function assertRequest({ headers, rawHeaders, httpVersion, url = '' }: IncomingMessage): void {
  if (rawHeaders.length > 2 * MAX_HEADERS) {
    throw new SluiceError('HEADERS_TOO_LARGE', { message: `A request has at most ${MAX_HEADERS} headers` });
  }
  const { host, 'transfer-encoding': transfer } = headers;
  if (transfer !== undefined) assertTransfer(transfer, httpVersion);
  if (host === undefined) {
    // HTTP/1.0 may leave it out.
    if (httpVersion === '1.1') throw refusal('A request of HTTP/1.1 needs a Host header');
  } else if (!HOST.test(host)) throw refusal('The Host header is not valid');
  // Node keeps the first, somebody before us perhaps the second.
  if (host !== undefined && hostsIn(rawHeaders) > 1)
    throw refusal('The request has more than one Host header');
  const { expect } = headers;
  if (expect !== undefined && expect.toLowerCase() !== '100-continue')
    throw new SluiceError('EXPECTATION_FAILED');
  if (!url.startsWith('/') && !ABSOLUTE.test(url)) throw refusal("The request's target is not valid");
  const end = url.search(/[?#]/);
  const path = end < 0 ? url : url.slice(0, end);
  if (path.includes('\\')) throw refusal('The path holds a backslash');
  // Clients resolve them (RFC 3986 §5.2.4): a flow for `/admin` would not see `/./admin`.
  if (DOT_SEGMENT.test(path)) throw refusal('The path holds a segment of dots');
}

function hostsIn(rawHeaders: readonly string[]): number {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts;
}

/** Node reads the chunks, and leaves what is in them as it came. */
function assertTransfer(transfer: string, httpVersion: string): void {
  if (httpVersion !== '1.1') throw refusal('A request of HTTP/1.0 has no Transfer-Encoding');
  if (transfer.trim().toLowerCase() !== 'chunked') throw new SluiceError('UNSUPPORTED_TRANSFER_ENCODING');
}

function refusal(message: string): SluiceError {
  return new SluiceError('BAD_REQUEST', { message });
}
