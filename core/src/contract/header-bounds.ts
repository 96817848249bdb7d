import type { Message, MessageHeader } from './message.js';

/** The headers of one message, by number and by bytes of their names and values: what is published may not have more. */
export const MAX_HEADERS = 1000;
export const MAX_HEADER_BYTES = 262_144;

/** What a client is shown of a message's headers. */
export interface ShownHeaders {
  /** By name, in the order of first appearance; the values of a name in theirs. Null is a header without a value. */
  readonly byName: ReadonlyMap<string, readonly (Buffer | null)[]>;
  /** How many are not shown. */
  readonly leftOut: number;
}

/**
 * The headers of a message as every format shows them: the first {@link MAX_HEADERS} and {@link MAX_HEADER_BYTES}. A record
 * may have a hundred thousand, which nobody wants to read and all who read it would wait for.
 */
export function headersByName(message: Message): ShownHeaders {
  const { headers, count } = firstHeaders(message, MAX_HEADERS);
  const byName = new Map<string, (Buffer | null)[]>();
  let bytes = 0;
  for (let at = 0; at < headers.length; at++) {
    const [name, value] = headers[at] as MessageHeader;
    bytes += headerBytes(name, value);
    if (bytes > MAX_HEADER_BYTES) return { byName, leftOut: count - at };
    const values = byName.get(name);
    if (values === undefined) byName.set(name, [value]);
    else values.push(value);
  }
  return { byName, leftOut: count - headers.length };
}

/** The first headers of a message, and how many it has. */
export function firstHeaders(
  message: Message,
  most: number,
): { readonly headers: readonly MessageHeader[]; readonly count: number } {
  if (message.firstHeaders !== undefined) return message.firstHeaders(most);
  const { headers } = message;
  return { headers: headers.length > most ? headers.slice(0, most) : headers, count: headers.length };
}

/** Whether a message has more headers, or more bytes in them, than may be published. */
export function exceedsBounds({ headers }: Message): boolean {
  if (headers.length > MAX_HEADERS) return true;
  let bytes = 0;
  for (const [name, value] of headers) bytes += headerBytes(name, value);
  return bytes > MAX_HEADER_BYTES;
}

/** A character of a name is taken for a byte: most are, and the bound is none that has to be exact. */
const headerBytes = (name: string, value: Buffer | null): number => name.length + (value?.length ?? 0);
