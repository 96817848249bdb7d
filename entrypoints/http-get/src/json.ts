import type { Item, TextValue } from './item.js';
import type { PageFormat } from './page.js';

/**
 * `{"items":[{"id","content","headers","metadata"}],"gaps","error","pagination":{"nextCursor","limit"}}`: what is not
 * there is left out. Content is always a string, but for null, which is a tombstone; `"encoding":"base64"` stands
 * beside what is not UTF-8, and a header value that is not is `{"base64":"…"}`.
 */
export const JSON_FORMAT: PageFormat = {
  contentType: 'application/json',
  item: (item) => JSON.stringify(view(item)),
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

function view({ id, content, error, headers, metadata }: Item): object {
  const value =
    content === undefined
      ? {}
      : { content: content?.text ?? null, ...(content?.base64 === true ? { encoding: 'base64' } : {}) };
  const named =
    headers === undefined
      ? undefined
      : // From entries: assigned, a header called __proto__ would not be a member.
        Object.fromEntries([...headers].map(([name, values]) => [name, values.map(headerValue)]));
  return { id, ...value, error, headers: named, metadata };
}

function headerValue(value: TextValue): string | null | object {
  if (value === null) return null;
  return value.base64 ? { base64: value.text } : value.text;
}
