import { type Delivery, firstHeaders, type GapNotice, MAX_HEADERS, type Message } from '@sluice/core';

/** All headers of one answer; readers of HTTP take 16 KiB or less, and one that is refused could never be passed. */
const MAX_HEADER_BYTES = 6 * 1024;

const TOKEN = /^[!#$&'*+.^_`|~0-9A-Za-z-]$/;

/**
 * A message's surroundings as response headers: `X-Message-Id` (the cursor), `-Record-Id`, `-Topic`, `-Partition`, `-Offset`, `-Timestamp`, its
 * key, and its own headers as `X-Message-Header-NAME`, so that none can pose as a header of the answer. In a name, what
 * no header name may hold is `%HH`. A value that is not printable ASCII is `%HH` likewise, and its name ends with `*`.
 * What does not fit into 6 KiB is left out and counted in `X-Message-Headers-Left-Out`.
 */
export function messageHeaders(
  { message, cursor }: Delivery,
  keyHeader: string,
): Record<string, string | readonly string[]> {
  const { topic, partition, offset } = message.metadata;
  const recordId = message.id === '' ? undefined : message.id;
  const place = { 'Record-Id': recordId, Topic: topic, Partition: partition, Offset: offset };
  const out: Record<string, string | readonly string[]> = {};
  if (cursor !== null) out['X-Message-Id'] = cursor;
  for (const [name, value] of Object.entries(place)) {
    if (value !== undefined) put(out, `X-Message-${name}`, Buffer.from(String(value)));
  }
  out['X-Message-Timestamp'] = String(message.timestampMs);
  if (message.content === null) out['X-Message-Tombstone'] = 'true';
  let room = MAX_HEADER_BYTES;
  const { headers, count } = firstHeaders(message, MAX_HEADERS);
  let leftOut = count - headers.length;
  for (const [name, value] of ownHeaders(message, headers, keyHeader)) {
    // Each byte may become three; beside name and value stand a colon, a space and the line's end.
    room -= name.length + 3 * value.length + 4;
    if (room >= 0) put(out, name, value);
    else leftOut++;
  }
  if (leftOut > 0) out['X-Message-Headers-Left-Out'] = String(leftOut);
  return out;
}

/** The headers that tell of messages which retention has removed. */
export function gapHeaders(gaps: readonly GapNotice[]): Record<string, readonly string[]> {
  if (gaps.length === 0) return {};
  const some = gaps.slice(0, 20);
  return { 'X-Message-Gap': some.map(({ source, from, to }) => `${source}; from=${from}; to=${to}`) };
}

/** The key first: it matters most when there is no room for all. */
function* ownHeaders(
  message: Message,
  headers: Message['headers'],
  keyHeader: string,
): Generator<readonly [string, Buffer]> {
  if (message.key !== null) yield [keyHeader, message.key];
  for (const [name, value] of headers) {
    yield [`X-Message-Header-${headerName(name)}`, value ?? Buffer.alloc(0)];
  }
}

function headerName(name: string): string {
  // `*` is kept for the end of a name.
  return escaped(Buffer.from(name), (char) => char !== '*' && TOKEN.test(char));
}

function put(out: Record<string, string | readonly string[]>, name: string, value: Buffer): void {
  const plain = value.toString('latin1');
  const isPlain = /^([!-~]([ -~]*[!-~])?)?$/.test(plain);
  const own = isPlain ? name : `${name}*`;
  const text = isPlain ? plain : escaped(value, (char) => /^[!-$&-~]$/.test(char));
  const before = out[own];
  out[own] = before === undefined ? text : [before, text].flat();
}

/** Bytes as text: those that may stay, and `%HH` for the others. */
function escaped(bytes: Buffer, stays: (char: string) => boolean): string {
  let text = '';
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    text += stays(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}
