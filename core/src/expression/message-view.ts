import type { Message } from '../contract/message.js';
import { attributesView } from './attributes-view.js';
import { HeadersView } from './headers-view.js';
import { parseJson } from './json-path.js';
import { ComputedView } from './view.js';

const parsed = new WeakMap<Buffer, { readonly value: unknown }>();

/** A message as expressions see it. Its content is decoded and parsed only when it is named, parsed once for all. */
export function messageView(message: Message): ComputedView<Message> {
  return new ComputedView(message, MEMBERS);
}

const MEMBERS: Readonly<Record<string, (message: Message) => unknown>> = {
  id: (message) => message.id,
  content: (message) => message.content?.toString(),
  contentLength: (message) => message.content?.length ?? 0,
  json: (message) => (message.content === null ? undefined : jsonOf(message.content)),
  headers: (message) => HeadersView.ofMessage(message.headers),
  metadata: (message) => message.metadata,
  attributes: (message) => attributesView(new Map(Object.entries(message.attributes ?? {}))),
  attributeNames: (message) => Object.keys(message.attributes ?? {}),
};

function jsonOf(content: Buffer): unknown {
  const known = parsed.get(content);
  if (known !== undefined) return known.value;
  const value = parseJson(content.toString(), "the message's content");
  parsed.set(content, { value });
  return value;
}
