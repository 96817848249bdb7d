import type { Message, MessageHeader } from '@sluice/core';

/** Why a message was given up. */
export interface GivenUp {
  /** A key of the error table. */
  readonly key: string;
  readonly reason: string;
  /** Calls made; 0 when a policy failed. */
  readonly attempts: number;
  /** Of the last answer; absent when there was none. */
  readonly status?: number;
}

const PREFIX = 'sluice-dlq-';

/**
 * The record of a message that could not be delivered: content, key and headers as the endpoint had them, and after
 * them headers that say what happened. Those of an earlier round are replaced.
 */
export function deadLetter(
  message: Message,
  why: GivenUp,
  of: { readonly api: string; readonly subscription: string; readonly nowMs: number },
): Message {
  const told: readonly (readonly [string, string | undefined])[] = [
    ['key', why.key],
    ['reason', why.reason],
    ['time', new Date(of.nowMs).toISOString()],
    ['attempts', String(why.attempts)],
    ['status', why.status === undefined ? undefined : String(why.status)],
    ['source', message.id],
    ['api', of.api],
    ['subscription', of.subscription],
  ];
  const headers = told.flatMap(([name, value]): MessageHeader[] =>
    value === undefined ? [] : [[PREFIX + name, Buffer.from(value)]],
  );
  return {
    id: '',
    key: message.key,
    content: message.content,
    headers: [...message.headers.filter(([name]) => !name.startsWith(PREFIX)), ...headers],
    timestampMs: of.nowMs,
    metadata: {},
  };
}
