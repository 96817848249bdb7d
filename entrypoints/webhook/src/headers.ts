import {
  CONNECTION_HEADERS,
  type ExecutionContext,
  isCredentialHeader,
  isHeaderName,
  type Message,
} from '@sluice/core';
import { defaultHeaders } from './default-headers.js';
import { signatures, webhookId } from './signature.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it keeps out.
const UNSAFE_VALUE = /[\x00-\x08\x0a-\x1f\x7f]|[^\x00-\xff]/;

/** Whether a subscriber may set a header, or in words why not. */
export function headerFault(name: string, value: string): string | undefined {
  const lower = name.toLowerCase();
  if (!isHeaderName(name)) return `"${name}" is no name of a header`;
  if (CONNECTION_HEADERS.has(lower)) return `"${name}" belongs to the connection and cannot be set`;
  if (lower.startsWith('webhook-')) return `"${name}" is set by the gateway`;
  if (UNSAFE_VALUE.test(value)) return `the value of "${name}" holds a character that no header may hold`;
  return undefined;
}

/** What the headers of a call are made of. */
export interface HeaderParts {
  readonly subscriptionId: string;
  readonly ctx: Pick<ExecutionContext, 'api'>;
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
 * The headers of one call, names and values in turn. The subscriber's come first, then those of policies that are not there
 * yet, then the message's that are not there yet, since whoever publishes must not speak for the other two; over all of them what the gateway itself says, and where
 * nobody says them `content-type` and `user-agent`. Headers of the message that HTTP cannot carry are left out and counted.
 */
export function callHeaders(message: Message, parts: HeaderParts): readonly string[] {
  const own = ownHeaders(message, parts, parts.authorization, parts.nowMs);
  const given = givenHeaders(message, parts, own);
  return [...given, ...defaultHeaders(given, message), ...own];
}

/** What others say of a call, but for what `own` says. */
function givenHeaders(message: Message, parts: HeaderParts, own: readonly string[]): readonly string[] {
  const taken = new Set(own.filter((_, index) => index % 2 === 0));
  const headers: (readonly [string, string])[] = [];
  const add = (source: readonly (readonly [string, string])[]) => {
    const before = new Set([...taken, ...headers.map(([name]) => name)]);
    for (const [given, value] of source) {
      const name = given.toLowerCase();
      if (before.has(name) || CONNECTION_HEADERS.has(name) || name.startsWith('webhook-')) continue;
      if (isHeaderName(name) && !UNSAFE_VALUE.test(value)) headers.push([name, value]);
    }
  };
  add(parts.subscriber.map(({ name, value }) => [name, value] as const));
  add([...parts.response].flatMap(([name, values]) => values.map((value) => [name, value] as const)));
  const { carried, leftOut } = carriedHeaders(message, parts.ctx);
  add(carried);
  if (leftOut > 0) headers.push([LEFT_OUT_HEADER, String(leftOut)]);
  return headers.flat();
}

/** Says how many headers of the message its call could not carry. */
const LEFT_OUT_HEADER = 'webhook-headers-left-out';

/** What one call carries of a message's headers: servers take 8 KiB in all, or 100 of them, and answer more with 431. */
const MAX_CARRIED = 64;
const MAX_CARRIED_BYTES = 4096;
/** Of a header's line beside its name and value. */
const LINE_BYTES = 4;

/** Those of a message that its call carries, and how many it does not: what no header may have, null, and what is too much. */
function carriedHeaders(
  { headers }: Message,
  ctx: HeaderParts['ctx'],
): {
  readonly carried: readonly (readonly [string, string])[];
  readonly leftOut: number;
} {
  const carried: (readonly [string, string])[] = [];
  let leftOut = 0;
  let bytes = 0;
  for (const [name, value] of headers) {
    // Credentials in a record are those of whoever wrote it: they are not for a third party.
    if (isCredentialHeader(name, ctx)) continue;
    const text = value?.toString('latin1');
    const size = name.length + (text?.length ?? 0) + LINE_BYTES;
    const fits = carried.length < MAX_CARRIED && bytes + size <= MAX_CARRIED_BYTES;
    if (!fits || text === undefined || !isHeaderName(name) || UNSAFE_VALUE.test(text)) leftOut++;
    else {
      carried.push([name, text]);
      bytes += size;
    }
  }
  return { carried, leftOut };
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
    this.#before[names] ??= givenHeaders(message, this.#with(authorization, nowMs), own);
    const before = this.#before[names];
    return [...before, ...defaultHeaders(before, message), ...own];
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
