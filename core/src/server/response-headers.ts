import type { OutgoingHttpHeaders } from 'node:http';
import type { ResponseHeaders } from '../contract/entrypoint.js';

/** Headers as node takes them, which changes none of them. */
export function nodeHeaders(headers: ResponseHeaders): OutgoingHttpHeaders {
  return headers as OutgoingHttpHeaders;
}

/** Headers as a Response takes them; a name with several values stands once for each. */
export function fetchHeaders(headers: ResponseHeaders): Record<string, string> | [string, string][] {
  const several = Object.values(headers).some((value) => typeof value !== 'string');
  if (!several) return headers as Record<string, string>;
  return Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, one]),
  );
}
