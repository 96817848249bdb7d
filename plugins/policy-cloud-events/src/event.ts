import { isUtf8 } from 'node:buffer';
import { type Message, type MessageHeader, parseJson } from '@sluice/core';
import { CloudEvent } from 'cloudevents';

/** The attributes of an event by name, as texts. */
export type Attributes = Readonly<Record<string, string>>;

/** The media type of an event as one JSON document. */
export const STRUCTURED = 'application/cloudevents+json';

/** `ce_` is the prefix of Kafka's binding, `ce-` that of HTTP's: what comes by POST has the latter. */
const PREFIX = /^ce[_-]/i;

/** The attributes that a message's headers give, and its headers without them. */
export function splitHeaders(headers: readonly MessageHeader[]): {
  readonly attributes: Attributes;
  readonly contentType: string | undefined;
  readonly rest: readonly MessageHeader[];
} {
  const attributes: Record<string, string> = {};
  const rest: MessageHeader[] = [];
  let contentType: string | undefined;
  for (const header of headers) {
    const [name, value] = header;
    if (PREFIX.test(name))
      attributes[name.replace(PREFIX, '').toLowerCase()] ??= value?.toString('utf8') ?? '';
    else if (name.toLowerCase() === 'content-type') contentType ??= value?.toString('utf8');
    else rest.push(header);
  }
  return { attributes, contentType, rest };
}

/** An event that is whole: its required attributes are there and all are of the right form. @throws Error telling what is not */
export function wholeEvent(attributes: Attributes): Attributes {
  const event = new CloudEvent({ ...attributes } as never, true);
  // The SDK adds the present time to an event without one.
  return Object.fromEntries(
    Object.entries(event).filter(
      (entry): entry is [string, string] =>
        typeof entry[1] === 'string' && (entry[0] !== 'time' || attributes.time !== undefined),
    ),
  );
}

/** The event as one JSON document (CloudEvents JSON format 1.0): JSON data as it is, text as a string, bytes as base64. */
export function structured(event: Attributes, content: Message['content'], contentType = ''): Buffer {
  return Buffer.from(JSON.stringify({ ...event, ...dataMembers(content, contentType) }));
}

function dataMembers(content: Message['content'], contentType: string): object {
  if (content === null) return {};
  if (!isUtf8(content)) return { data_base64: content.toString('base64') };
  const text = content.toString('utf8');
  // Without a type data are JSON (§3.1), when they are.
  if (contentType !== '' && !/[/+]json\b/i.test(contentType)) return { data: text };
  try {
    return { data: parseJson(text) };
  } catch {
    return { data: text };
  }
}

/** The attributes and data of a structured event. @throws Error when it is not one */
export function parseStructured(content: Buffer): {
  readonly event: Attributes;
  readonly data: Buffer | null;
} {
  const parsed: unknown = parseJson(content.toString('utf8'));
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new Error('it is no JSON object');
  const { data, data_base64: base64, ...attributes } = parsed as Record<string, unknown>;
  const texts = Object.entries(attributes).filter(([, value]) => value !== null);
  const event = wholeEvent(Object.fromEntries(texts.map(([name, value]) => [name, String(value)])));
  if (typeof base64 === 'string') return { event, data: Buffer.from(base64, 'base64') };
  if (data === undefined || data === null) return { event, data: null };
  const isText = typeof data === 'string' && !/[/+]json\b/i.test(event.datacontenttype ?? 'application/json');
  return { event, data: Buffer.from(isText ? data : JSON.stringify(data)) };
}

/** The attributes as headers of Kafka's binding (CloudEvents Kafka 1.0 §3.2). */
export function binaryHeaders({ datacontenttype, ...event }: Attributes): readonly MessageHeader[] {
  const headers = Object.entries(event).map(
    ([name, value]): MessageHeader => [`ce_${name}`, Buffer.from(value)],
  );
  return datacontenttype === undefined
    ? headers
    : [...headers, ['content-type', Buffer.from(datacontenttype)]];
}
