import { create, type XMLElement } from 'xmlbuilder';
import { type Item, itemOf, type TextValue } from './item.js';
import type { PageFormat } from './page.js';

/** A name that is one in every XML dialect; `xml` in front is kept for the standard itself. */
const NAME = /^(?!xml)[A-Za-z_][A-Za-z0-9._-]*$/i;
/** What XML 1.0 has no place for, not even escaped (§2.2). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const NO_CHARACTER = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/**
 * The members of the JSON form as elements. A text that XML has no characters for is base64, and says so by
 * `encoding="base64"`; a tombstone is `<content null="true"/>`. A header whose name is an XML name, and whose values
 * are texts, is `<name>v1,v2</name>`; of any other each value is a `<header name="…">`.
 */
export const XML_FORMAT: PageFormat = {
  contentType: 'application/xml',
  delivery: (delivery, shown) => element('item', (parent) => fill(parent, itemOf(delivery, shown))),
  page(items, { gaps, error, nextCursor, limit }) {
    const parts = [`<items>${items.join('')}</items>`];
    if (gaps.length > 0) {
      parts.push(
        element('gaps', (parent) => {
          for (const gap of gaps) {
            const one = parent.ele('gap');
            for (const [name, value] of Object.entries(gap)) put(one.ele(name), text(String(value)));
          }
        }),
      );
    }
    if (error !== undefined) parts.push(element('error', (parent) => fill(parent, error)));
    if (nextCursor !== null || limit !== undefined) {
      parts.push(
        element('pagination', (parent) => {
          if (nextCursor !== null) put(parent.ele('nextCursor'), text(nextCursor));
          if (limit !== undefined) put(parent.ele('limit'), text(limit));
        }),
      );
    }
    return `<response>${parts.join('')}</response>`;
  },
};

function element(name: string, write: (parent: XMLElement) => void): string {
  const parent = create(name, { headless: true, stringify: { textEscape } });
  write(parent);
  return parent.end({ pretty: false });
}

/** Such as the library writes it, but in half of its time where every character is one that is escaped. */
function textEscape(text: string): string {
  let escaped = text;
  for (const [character, entity] of ENTITIES) {
    if (escaped.includes(character)) escaped = escaped.split(character).join(entity);
  }
  return escaped;
}
const ENTITIES = [
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['\r', '&#xD;'],
] as const;

function fill(parent: XMLElement, { id, content, error, headers, headersLeftOut, metadata }: Item): void {
  if (id !== undefined) put(parent.ele('id'), text(id));
  if (content !== undefined) putContent(parent.ele('content'), content);
  if (error !== undefined) {
    const told = parent.ele('error');
    for (const [name, value] of Object.entries(error)) put(told.ele(name), text(String(value)));
  }
  if (headers !== undefined) {
    const all = parent.ele('headers');
    for (const [name, values] of headers) putHeader(all, name, values);
  }
  if (headersLeftOut !== undefined) put(parent.ele('headersLeftOut'), text(String(headersLeftOut)));
  if (metadata !== undefined) {
    const all = parent.ele('metadata');
    for (const [name, value] of Object.entries(metadata)) {
      put(NAME.test(name) ? all.ele(name) : named(all, 'entry', name), text(String(value)));
    }
  }
}

/** CDATA where it can hold the text unchanged: a parser reads CR as LF in it, and `]]>` ends it. */
function putContent(into: XMLElement, content: TextValue): void {
  if (content === null || content.base64 || NO_CHARACTER.test(content.text)) put(into, content);
  else if (content.text !== '' && !/\r|\]\]>/.test(content.text)) into.dat(content.text);
  else put(into, content);
}

function putHeader(all: XMLElement, name: string, values: readonly TextValue[]): void {
  const plain = values.every((value) => value !== null && !value.base64 && !NO_CHARACTER.test(value.text));
  if (NAME.test(name) && plain) {
    put(all.ele(name), text(values.map((value) => value?.text).join(',')));
    return;
  }
  for (const value of values) put(named(all, 'header', name), value);
}

function named(parent: XMLElement, kind: string, name: string): XMLElement {
  if (!NO_CHARACTER.test(name)) return parent.ele(kind, { name });
  return parent.ele(kind, { name: Buffer.from(name).toString('base64'), nameEncoding: 'base64' });
}

function put(into: XMLElement, value: TextValue): void {
  if (value === null) into.att('null', 'true');
  else if (value.base64) into.att('encoding', 'base64').txt(value.text);
  else if (NO_CHARACTER.test(value.text)) {
    into.att('encoding', 'base64').txt(Buffer.from(value.text).toString('base64'));
  } else if (value.text !== '') into.txt(value.text);
}

const text = (value: string): TextValue => ({ text: value, base64: false });
