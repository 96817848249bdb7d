import type { OutgoingHttpHeaders } from 'node:http';
import type { ResponseHeaders } from '../contract/entrypoint.js';

/** Headers as node takes them, which changes none of them. */
export function nodeHeaders(headers: ResponseHeaders): OutgoingHttpHeaders {
  return headers as OutgoingHttpHeaders;
}
