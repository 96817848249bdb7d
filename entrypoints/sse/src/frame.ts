import { isUtf8 } from 'node:buffer';
import { type Delivery, type GapNotice, headersByName, type Message, type SluiceError } from '@sluice/core';

/** Which comment lines an event carries. */
export interface FrameOptions {
  readonly headersAsComment: boolean;
  readonly metadataAsComment: boolean;
}

/** Sent when nothing else was: keeps proxies open and shows a dead connection. */
export const HEARTBEAT = ':\n\n';

const LINE_ENDS = /\r\n|\r|\n/g;

/**
 * The bytes of one event (WHATWG HTML §9.2), from `id` to the blank line.
 *
 * | content | event | data |
 * | --- | --- | --- |
 * | UTF-8 text | `message` | the text, a `data` line for each line of it |
 * | empty | `message` | one empty `data` line |
 * | not UTF-8 | `binary` | base64 |
 * | none (tombstone) | `tombstone` | one empty `data` line |
 *
 * CR and CRLF in a text reach the client as LF: the format has no other line end.
 */
export function eventFrame({ message, cursor, error }: Delivery, options: FrameOptions): string {
  const id = cursor === null ? '' : `id: ${cursor}\n`;
  // A policy failed on this message: the id counts, so that the client goes on behind it.
  if (error !== undefined) return `${id}${errorFrame(errorPayload(error))}`;
  let frame = `${id}${body(message.content)}`;
  if (options.headersAsComment) frame += headerComments(message);
  if (options.metadataAsComment) {
    for (const [name, value] of Object.entries(message.metadata)) frame += comment(name, String(value));
  }
  return `${frame}\n`;
}

function body(content: Buffer | null): string {
  if (content === null) return 'event: tombstone\ndata:\n';
  if (content.length === 0) return 'event: message\ndata:\n';
  if (!isUtf8(content)) return `event: binary\ndata: ${content.toString('base64')}\n`;
  const text = content.toString('utf8');
  return `event: message\ndata: ${asDataLines(text)}\n`;
}

/** A text with `data: ` behind each of its line ends. In a third of the time of a pattern where all of it is line ends. */
function asDataLines(text: string): string {
  const plain = text.includes('\r\n') ? text.split('\r\n').join('\n') : text;
  const lines = plain.split('\n').join(DATA_LINE);
  return lines.includes('\r') ? lines.split('\r').join(DATA_LINE) : lines;
}
const DATA_LINE = '\ndata: ';

/** A line for each name, values joined by commas; those not shown, or not UTF-8, are counted in a line behind. */
function headerComments(message: Message): string {
  const shown = headersByName(message);
  let { leftOut } = shown;
  let comments = '';
  for (const [name, values] of shown.byName) {
    const texts = values.filter((value) => value === null || isUtf8(value));
    leftOut += values.length - texts.length;
    if (texts.length > 0)
      comments += comment(name, texts.map((value) => value?.toString('utf8') ?? '').join(','));
  }
  return leftOut === 0 ? comments : `${comments}${comment('headers-left-out', String(leftOut))}`;
}

/** A line end in a comment would end it and let a header's value write events of its own. */
function comment(name: string, value: string): string {
  return `:${name.replace(LINE_ENDS, ' ')}: ${value.replace(LINE_ENDS, ' ')}\n`;
}

/**
 * The first bytes of a stream: how long the client waits before it reconnects, and the id it starts from, so that
 * it resumes there also when it is cut before its first event. A block without data is not dispatched.
 */
export function openingFrame(retryMs: number, cursor: string | null): string {
  return `retry: ${retryMs}\n\n${cursor === null ? '' : `id: ${cursor}\n\n`}`;
}

/** Tells that messages between the client's id and what is still held are gone. */
export function gapFrame(gap: GapNotice): string {
  return `event: gap\ndata: ${JSON.stringify(gap)}\n\n`;
}

/** The gateway stops; `retryMs` spreads the return of its clients. */
export function goawayFrame(retryMs: number): string {
  return `retry: ${retryMs}\nevent: goaway\ndata: Stopping, please reconnect\n\n`;
}

/** What a client is told of an error; the request id is there when it ends the stream. */
export function errorPayload(error: SluiceError, requestId?: string): object {
  const payload = { message: error.message, http_status_code: error.status, key: error.code };
  return requestId === undefined ? payload : { ...payload, request_id: requestId };
}

/** An error: alone it ends the stream and has no id, so the client's last one stays good. */
export function errorFrame(payload: object): string {
  return `event: error\ndata: ${JSON.stringify(payload)}\n\n`;
}
