import { type Item, itemOf, type TextValue } from './item.js';
import type { PageFormat } from './page.js';

/**
 * For people to read, a line a member; a message's own line ends are kept, so it cannot be told apart by a program.
 * What is not UTF-8 is followed by the line `encoding: base64`; a tombstone has the line `tombstone` for its content.
 */
export const TEXT_FORMAT: PageFormat = {
  contentType: 'text/plain; charset=utf-8',
  delivery: (delivery, shown) => ['item', ...lines(itemOf(delivery, shown))].join('\n'),
  page(items, { gaps, error, nextCursor, limit }) {
    const parts = ['items', items.join('\n\n')].filter((part) => part !== '');
    for (const { key, source, from, to } of gaps) parts.push(`gap\n${key} ${source} ${from} ${to}`);
    if (error !== undefined) parts.push(['error', ...lines(error)].join('\n'));
    const pagination = [
      ...(nextCursor === null ? [] : [`nextCursor: ${nextCursor}`]),
      ...(limit === undefined ? [] : [`limit: ${limit}`]),
    ];
    if (pagination.length > 0) parts.push(['pagination', ...pagination].join('\n'));
    return parts.join('\n');
  },
};

function lines({ id, content, error, headers, headersLeftOut, metadata }: Item): readonly string[] {
  const found: string[] = [];
  if (id !== undefined) found.push(`id: ${id}`);
  if (content === null) found.push('tombstone');
  if (content !== null && content !== undefined) found.push(`content: ${content.text}`);
  if (content?.base64 === true) found.push('encoding: base64');
  if (error !== undefined) found.push(`error: ${error.http_status_code} ${error.key} ${error.message}`);
  if (headers !== undefined) {
    const named = [...headers].map(([name, values]) => `${name}=[${values.map(shown).join(', ')}]`);
    found.push(`headers: {${named.join(', ')}}`);
  }
  if (headersLeftOut !== undefined) found.push(`headers left out: ${headersLeftOut}`);
  if (metadata !== undefined) {
    const named = Object.entries(metadata).map(([name, value]) => `${name}=${value}`);
    found.push(`metadata: {${named.join(', ')}}`);
  }
  return found;
}

function shown(value: TextValue): string {
  if (value === null) return 'null';
  return value.base64 ? `base64:${value.text}` : value.text;
}
