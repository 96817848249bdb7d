import { isUtf8 } from 'node:buffer';
import {
  type Delivery,
  type GapNotice,
  headersByName,
  MAX_HEADERS,
  type Message,
  type MessageHeader,
  newMessage,
  type PublishResult,
  parseJson,
  receiptOf,
  SluiceError,
} from '@sluice/core';

/** The subprotocol whose frames are JSON envelopes, both ways. Its page in docs/plugins has the members. */
export const ENVELOPE_PROTOCOL = 'sluice.json.v1';

/** What a client says in a frame. */
export type ClientFrame =
  | { readonly type: 'publish'; readonly id?: string; readonly message: Message }
  | { readonly type: 'ack' | 'nack'; readonly ids: readonly string[] }
  | { readonly type: 'ping' };

/** @throws SluiceError `INVALID_FRAME` saying what would be right, with the frame's own id as a parameter where it has one */
export function readFrame(text: string, now: number): ClientFrame {
  const frame = parsed(text);
  const { type, id } = frame;
  switch (type) {
    case 'publish':
      return {
        type,
        ...(id === undefined ? {} : { id: textMember(frame, 'id') }),
        message: messageOf(frame, now),
      };
    case 'ack':
    case 'nack':
      return { type, ids: idsOf(id ?? frame.ids) };
    case 'ping':
      return { type };
    default:
      throw invalid('"type" must be "publish", "ack", "nack" or "ping"', frame);
  }
}

/** Of a frame: the ids of ten thousand messages, or the headers of one, and some. */
const MAX_VALUES = 20_000;

type Frame = Readonly<Record<string, unknown>>;

function parsed(text: string): Frame {
  let value: unknown;
  try {
    value = parseJson(text, MAX_VALUES);
  } catch (error) {
    throw invalid(`the frame is not valid JSON: ${(error as SyntaxError).message}`, {});
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('a frame is a JSON object', {});
  return value as Frame;
}

function messageOf(frame: Frame, now: number): Message {
  const { content, key, headers = {} } = frame;
  if (content !== null && typeof content !== 'string') {
    throw invalid('"content" must be a string, or null for a tombstone', frame);
  }
  const encoding = encodingOf(frame, 'encoding');
  const keyEncoding = encodingOf(frame, 'keyEncoding');
  if (key !== undefined && key !== null && typeof key !== 'string')
    throw invalid('"key" must be a string', frame);
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) {
    throw invalid('"headers" must be an object of strings or lists of strings', frame);
  }
  const list = headersOf(headers, frame);
  const bytes = content === null ? null : bytesOf(content, encoding, 'content', frame);
  const message = newMessage(bytes, list, now);
  return typeof key === 'string' ? { ...message, key: bytesOf(key, keyEncoding, 'key', frame) } : message;
}

/** The headers of a message; of too many one more than there may be, which is then refused for their number. */
function headersOf(headers: object, frame: Frame): MessageHeader[] {
  const list: MessageHeader[] = [];
  for (const [name, value] of Object.entries(headers)) {
    for (const one of (Array.isArray(value) ? value : [value]) as readonly unknown[]) {
      if (one !== null && typeof one !== 'string')
        throw invalid(`the header "${name}" must be a string or a list of them`, frame);
      list.push([name, one === null ? null : bytesOf(one, 'utf8', `headers.${name}`, frame)]);
      if (list.length > MAX_HEADERS) return list;
    }
  }
  return list;
}

/** What stands for no bytes is refused: written anyway, it would become others. */
function bytesOf(text: string, encoding: 'base64' | 'utf8', name: string, frame: Frame): Buffer {
  if (encoding === 'base64' && !isBase64(text)) throw invalid(`"${name}" is not base64`, frame);
  if (/\p{Surrogate}/u.test(text))
    throw invalid(`"${name}" holds half of a character (a lone surrogate)`, frame);
  return Buffer.from(text, encoding);
}

/** In one of both alphabets, padded or not. */
function isBase64(text: string): boolean {
  const digits = text.replace(/={1,2}$/, '');
  const isPadded = digits.length < text.length;
  return !/[^\w+/-]/.test(digits) && digits.length % 4 !== 1 && (!isPadded || text.length % 4 === 0);
}

function encodingOf(frame: Frame, name: string): 'base64' | 'utf8' {
  const value = frame[name];
  if (value === undefined || value === 'utf8') return 'utf8';
  if (value === 'base64') return value;
  throw invalid(`"${name}" must be "base64" or "utf8"`, frame);
}

function textMember(frame: Frame, name: string): string {
  const value = frame[name];
  if (typeof value === 'string' && value.length <= MAX_ID) return value;
  throw invalid(`"${name}" must be a string of at most ${MAX_ID} characters`, {});
}

const MAX_ID = 256;

function idsOf(value: unknown): readonly string[] {
  const ids: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (ids.every((id) => typeof id === 'string')) return ids as readonly string[];
  throw invalid('"id" must be the id of a message, or a list of them', {});
}

function invalid(reason: string, frame: Frame): SluiceError {
  return new SluiceError('INVALID_FRAME', { message: `Invalid frame: ${reason}`, ...named(frame) });
}

/** The id of a frame that has one, as the parameter of an error. */
const named = ({ id }: Frame): { readonly parameters: Record<string, string> } => ({
  parameters: typeof id === 'string' ? { id: id.slice(0, MAX_ID) } : {},
});

/** A stored message. Content, key and header values that are not UTF-8 are base64, and say so. */
export function messageFrame({ message, cursor, error }: Delivery): string {
  const id = cursor === null ? {} : { id: cursor };
  if (error !== undefined) return JSON.stringify({ type: 'error', ...id, error: errorMember(error) });
  const { content, key, timestampMs, metadata } = message;
  const { byName, leftOut } = headersByName(message);
  return JSON.stringify({
    type: 'message',
    ...id,
    ...encoded('key', 'keyEncoding', key),
    timestamp: timestampMs,
    // From entries: assigned, a header called __proto__ would not be a member.
    headers: Object.fromEntries([...byName].map(([name, values]) => [name, values.map(headerValue)])),
    ...(leftOut === 0 ? {} : { headersLeftOut: leftOut }),
    metadata,
    ...encoded('content', 'encoding', content),
  });
}

function encoded(name: string, encoding: string, bytes: Buffer | null): object {
  if (bytes === null) return { [name]: null };
  return isUtf8(bytes)
    ? { [name]: bytes.toString('utf8') }
    : { [name]: bytes.toString('base64'), [encoding]: 'base64' };
}

function headerValue(value: Buffer | null): unknown {
  if (value === null) return null;
  return isUtf8(value) ? value.toString('utf8') : { base64: value.toString('base64') };
}

/** What became of a published message: where it is, or why we cannot say that it is stored. */
export function receiptFrame(id: string | undefined, result: PublishResult): string {
  const named = id === undefined ? {} : { id };
  const outcome = result.ok ? receiptOf(result) : { error: errorMember(result.error) };
  return JSON.stringify({ type: 'receipt', ...named, ok: result.ok, ...outcome });
}

/** An error: of a frame of the client, or, before the connection is closed, of the stream. */
export function errorFrame(error: SluiceError, requestId: string): string {
  const { id } = error.parameters;
  const named = id === undefined ? {} : { id };
  return JSON.stringify({ type: 'error', ...named, error: { ...errorMember(error), request_id: requestId } });
}

/** Messages between the client's cursor and what is still held are gone. */
export const gapFrame = (gap: GapNotice): string => JSON.stringify({ type: 'gap', gap });
/** The gateway stops. */
export const GOAWAY_FRAME = JSON.stringify({ type: 'goaway', message: 'Stopping, please reconnect' });
/** The answer to a `ping` of the client. */
export const PONG_FRAME = JSON.stringify({ type: 'pong' });

function errorMember({ message, status, code, entry }: SluiceError): object {
  return { message, http_status_code: status, key: code, retryable: entry.retryable };
}
