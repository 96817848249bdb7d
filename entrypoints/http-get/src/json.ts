import { type Delivery, headersByName, type Message } from '@sluice/core';
import { type Item, itemOf, type Shown, type TextValue, textValue } from './item.js';
import type { PageFormat } from './page.js';

/**
 * `{"items":[{"id","content","headers","metadata"}],"gaps","error","pagination":{"nextCursor","limit"}}`: what is not
 * there is left out. Content is always a string, but for null, which is a tombstone; `"encoding":"base64"` stands
 * beside what is not UTF-8, and a header value that is not is `{"base64":"…"}`. `headersLeftOut` counts those not shown.
 */
export const JSON_FORMAT: PageFormat = {
  contentType: 'application/json',
  delivery: written,
  page(items, { gaps, error, nextCursor, limit }) {
    const members = [`"items":[${items.join(',')}]`];
    if (gaps.length > 0) members.push(`"gaps":${JSON.stringify(gaps)}`);
    if (error !== undefined) members.push(`"error":${JSON.stringify(view(error))}`);
    if (nextCursor !== null || limit !== undefined) {
      const pagination = { nextCursor: nextCursor ?? undefined, limit };
      members.push(`"pagination":${JSON.stringify(pagination)}`);
    }
    return `{${members.join(',')}}`;
  },
};

/** An item's text. Written member by member: an object of each message cost more than its text. */
function written(delivery: Delivery, shown: Shown): string {
  const { message, cursor, error } = delivery;
  if (error !== undefined) return JSON.stringify(view(itemOf(delivery, shown)));
  const id = cursor === null ? '' : `"id":${JSON.stringify(cursor)},`;
  const content = textValue(message.content);
  const value = content === null ? 'null' : JSON.stringify(content.text);
  const encoding = content?.base64 === true ? ',"encoding":"base64"' : '';
  const headers = shown.headersInPayload ? `,${headersText(message)}` : '';
  const metadata = shown.metadataInPayload ? `,"metadata":${JSON.stringify(message.metadata)}` : '';
  return `{${id}"content":${value}${encoding}${headers}${metadata}}`;
}

function headersText(message: Message): string {
  if (message.headers.length === 0) return '"headers":{}';
  const { byName, leftOut } = headersByName(message);
  const named = [...byName].map(
    ([name, values]) =>
      `${JSON.stringify(name)}:${JSON.stringify(values.map((value) => headerValue(textValue(value))))}`,
  );
  // Not as an object: one would put names that are numbers first.
  return `"headers":{${named.join(',')}}${leftOut === 0 ? '' : `,"headersLeftOut":${leftOut}`}`;
}

function view({ id, content, error, headers, headersLeftOut, metadata }: Item): object {
  const value =
    content === undefined
      ? {}
      : { content: content?.text ?? null, ...(content?.base64 === true ? { encoding: 'base64' } : {}) };
  const named =
    headers === undefined
      ? undefined
      : // From entries: assigned, a header called __proto__ would not be a member.
        Object.fromEntries([...headers].map(([name, values]) => [name, values.map(headerValue)]));
  return { id, ...value, error, headers: named, headersLeftOut, metadata };
}

function headerValue(value: TextValue): string | null | object {
  if (value === null) return null;
  return value.base64 ? { base64: value.text } : value.text;
}
