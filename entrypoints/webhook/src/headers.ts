import type { Message } from '@sluice/core';
import { signatures, webhookId } from './signature.js';

/** What a record or a subscriber may not say: of the connection (RFC 9110 §7.6.1), or of the request's framing. */
const OF_THE_CONNECTION = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** Credentials in a record are those of whoever wrote it: they are not for a third party. */
const CREDENTIALS = new Set(['authorization', 'cookie', 'proxy-authorization']);
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it keeps out.
const UNSAFE_VALUE = /[\x00-\x08\x0a-\x1f\x7f]|[^\x00-\xff]/;

/** Whether a subscriber may set a header, or in words why not. */
export function headerFault(name: string, value: string): string | undefined {
  const lower = name.toLowerCase();
  if (!TOKEN.test(name)) return `"${name}" is no name of a header`;
  if (OF_THE_CONNECTION.has(lower)) return `"${name}" belongs to the connection and cannot be set`;
  if (lower.startsWith('webhook-')) return `"${name}" is set by the gateway`;
  if (UNSAFE_VALUE.test(value)) return `the value of "${name}" holds a character that no header may hold`;
  return undefined;
}

/** What the headers of a call are made of. */
export interface HeaderParts {
  readonly subscriptionId: string;
  /** As policies of the response phase left them. */
  readonly response: ReadonlyMap<string, readonly string[]>;
  readonly subscriber: readonly { readonly name: string; readonly value: string }[];
  /** The header that carries the record's key; none when absent. */
  readonly keyHeader?: string;
  readonly authorization?: string;
  readonly secrets: readonly Buffer[];
  readonly nowMs: number;
}

/**
 * The headers of one call, names and values in turn. Those of policies come first, then those of the message that are
 * not there yet, then the subscriber's that are not there yet; over all of them what the gateway itself says.
 */
export function callHeaders(message: Message, parts: HeaderParts): readonly string[] {
  const own = ownHeaders(message, parts, parts.authorization, parts.nowMs);
  const taken = new Set(own.filter((_, index) => index % 2 === 0));
  const headers: (readonly [string, string])[] = [];
  const add = (source: readonly (readonly [string, string])[]) => {
    const before = new Set([...taken, ...headers.map(([name]) => name)]);
    for (const [given, value] of source) {
      const name = given.toLowerCase();
      if (before.has(name) || OF_THE_CONNECTION.has(name) || name.startsWith('webhook-')) continue;
      if (TOKEN.test(name) && !UNSAFE_VALUE.test(value)) headers.push([name, value]);
    }
  };
  add([...parts.response].flatMap(([name, values]) => values.map((value) => [name, value] as const)));
  add(
    message.headers.flatMap(([name, value]) =>
      value === null || CREDENTIALS.has(name.toLowerCase())
        ? []
        : [[name, value.toString('latin1')] as const],
    ),
  );
  add(parts.subscriber.map(({ name, value }) => [name, value] as const));
  return [...headers.flat(), ...own];
}

/** The headers of the calls to one subscriber: what is the same in all of them is worked out once. */
export class HeaderWriter {
  /** What stands before our own headers where a message has none, by the names of our own. */
  readonly #before: Record<string, readonly string[]> = {};

  constructor(private readonly parts: Omit<HeaderParts, 'authorization' | 'nowMs'>) {}

  /** As {@link callHeaders}. */
  of(message: Message, authorization: string | undefined, nowMs: number): string[] {
    if (message.headers.length > 0) return [...callHeaders(message, this.#with(authorization, nowMs))];
    const own = ownHeaders(message, this.parts, authorization, nowMs);
    // As many of our own headers, with or without this one, are the same ones.
    const names = authorization === undefined ? `${own.length}` : `${own.length} authorized`;
    this.#before[names] ??= callHeaders(message, this.#with(authorization, nowMs)).slice(0, -own.length);
    const before = this.#before[names];
    return before.length === 0 ? own : [...before, ...own];
  }

  #with(authorization: string | undefined, nowMs: number): HeaderParts {
    return { ...this.parts, nowMs, ...(authorization === undefined ? {} : { authorization }) };
  }
}

/** Names and values in turn. */
function ownHeaders(
  message: Message,
  { subscriptionId, secrets, keyHeader }: Pick<HeaderParts, 'subscriptionId' | 'secrets' | 'keyHeader'>,
  authorization: string | undefined,
  nowMs: number,
): string[] {
  const id = webhookId(subscriptionId, message.id);
  const seconds = Math.floor(nowMs / 1000);
  const own = ['webhook-id', id, 'webhook-timestamp', String(seconds)];
  if (secrets.length > 0) {
    const body = message.content ?? Buffer.alloc(0);
    own.push('webhook-signature', signatures(secrets, id, seconds, body));
  }
  if (authorization !== undefined) own.push('authorization', authorization);
  if (keyHeader !== undefined && message.key !== null) own.push(...keyHeaders(keyHeader, message.key));
  return own;
}

/** The key's bytes as they are; base64, and said so, when a header cannot hold them. */
function keyHeaders(name: string, key: Buffer): readonly string[] {
  const text = key.toString('latin1');
  const lower = name.toLowerCase();
  if (!UNSAFE_VALUE.test(text) && text === text.trim()) return [lower, text];
  return [lower, key.toString('base64'), `${lower}-encoding`, 'base64'];
}
