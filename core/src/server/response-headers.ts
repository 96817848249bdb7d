import { type OutgoingHttpHeaders, validateHeaderName, validateHeaderValue } from 'node:http';
import type { ResponseHeaders } from '../contract/entrypoint.js';

/** Headers as node takes them, which changes none of them. */
export function nodeHeaders(headers: ResponseHeaders): OutgoingHttpHeaders {
  return headers as OutgoingHttpHeaders;
}

/** @throws Error for a name that is none, and for a value with a line end or another character that no header may have */
export function assertHeaders(headers: ResponseHeaders): void {
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    for (const one of [value].flat()) validateHeaderValue(name, one);
  }
}
