import { isUtf8 } from 'node:buffer';
import { type Delivery, headersByName, type Message, type SluiceError } from '@sluice/core';
import type { HttpGetConfig } from './config.js';

/** Bytes as a text says them: as they are when they are UTF-8, else base64. Null where there are none. */
export type TextValue = { readonly text: string; readonly base64: boolean } | null;

/** One message, or one error, as every format shows it. */
export interface Item {
  /** The cursor after it; absent where the level has none. */
  readonly id?: string;
  /** Null for a tombstone; absent when a policy failed on the message. */
  readonly content?: TextValue;
  /** Why the message is not there. */
  readonly error?: ErrorPayload;
  /** By name, in the order of first appearance; absent when not asked for. */
  readonly headers?: ReadonlyMap<string, readonly TextValue[]>;
  /** How many headers are not shown; absent when all are. */
  readonly headersLeftOut?: number;
  readonly metadata?: Readonly<Record<string, string | number>>;
}

/** What a client is told of an error. */
export interface ErrorPayload {
  readonly message: string;
  readonly http_status_code: number;
  readonly key: string;
}

/** What is shown of a message beside its content. */
export type Shown = Pick<HttpGetConfig, 'headersInPayload' | 'metadataInPayload'>;

/** A delivery as an item. A failed one keeps its place and its id, so that the client goes on behind it. */
export function itemOf({ message, cursor, error }: Delivery, shown: Shown): Item {
  const id = cursor === null ? {} : { id: cursor };
  if (error !== undefined) return { ...id, error: payloadOf(error) };
  return {
    ...id,
    content: textValue(message.content),
    ...(shown.headersInPayload ? shownHeaders(message) : {}),
    ...(shown.metadataInPayload ? { metadata: message.metadata } : {}),
  };
}

function shownHeaders(message: Message): Pick<Item, 'headers' | 'headersLeftOut'> {
  const { byName, leftOut } = headersByName(message);
  const headers = new Map([...byName].map(([name, values]) => [name, values.map(textValue)]));
  return { headers, ...(leftOut === 0 ? {} : { headersLeftOut: leftOut }) };
}

/** An error of the reading as an item, the way the definition format shows it. */
export function errorItem(error: SluiceError, requestId: string, shown: Shown): Item {
  const text = JSON.stringify({ ...payloadOf(error), request_id: requestId });
  const own = (value: string): TextValue[] => [{ text: value, base64: false }];
  return {
    id: requestId,
    content: { text, base64: false },
    ...(shown.headersInPayload
      ? {
          headers: new Map([
            ['Content-Type', own('application/json')],
            ['Content-Length', own(String(Buffer.byteLength(text)))],
          ]),
        }
      : {}),
    ...(shown.metadataInPayload
      ? { metadata: { key: error.code, statusCode: error.status, reason: error.message } }
      : {}),
  };
}

/** The members of an error that are for the client. */
export function payloadOf(error: SluiceError): ErrorPayload {
  return { message: error.message, http_status_code: error.status, key: error.code };
}

/** Bytes as a text. */
export function textValue(bytes: Buffer | null): TextValue {
  if (bytes === null) return null;
  return isUtf8(bytes)
    ? { text: bytes.toString('utf8'), base64: false }
    : { text: bytes.toString('base64'), base64: true };
}
