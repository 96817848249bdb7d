import type { Delivery, Message, MessageHeader } from '@sluice/core';
import { textMessage } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { fc, parseXml, type XmlElement } from '../../../test/support/property.js';
import { JSON_FORMAT } from '../src/json.js';
import { XML_FORMAT } from '../src/xml.js';

const SHOWN = { headersInPayload: true, metadataInPayload: true };

/** Texts that are likely to break XML, and any bytes. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array)),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => Buffer.from(text)),
  fc
    .array(
      fc.constantFrom(
        ']]>',
        '\r',
        '\n',
        '<',
        '&',
        '"',
        '\0',
        '\ufffe',
        '\u0085',
        ' ',
        '<![CDATA[',
        'x',
        '😀',
      ),
    )
    .map((parts) => Buffer.from(parts.join(''))),
);
const name = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 10 }),
  fc.constantFrom('h', 'header', 'xmlns', 'XML', 'a:b', '__proto__', '1a', 'Content-Type', '<', '\0'),
);
const headers = fc.array(fc.tuple(name, fc.option(bytes)) as fc.Arbitrary<MessageHeader>, { maxLength: 5 });
const message = fc.record({
  content: fc.option(bytes),
  headers,
  metadata: fc.dictionary(name, fc.oneof(fc.integer(), fc.string({ unit: 'binary' })), { maxKeys: 3 }),
});

const find = (parent: XmlElement, child: string) => parent.children.filter((each) => each.name === child);
const elements = (parent: XmlElement | undefined) => parent?.children ?? [];

/** What an element says, as the documentation tells a client to read it. */
function bytesOf({ text, attributes }: XmlElement): Buffer | null {
  if (attributes.null === 'true') return null;
  return attributes.encoding === 'base64' ? Buffer.from(text, 'base64') : Buffer.from(text);
}

function nameOf(element: XmlElement): string {
  const { name: given, nameEncoding } = element.attributes;
  if (given === undefined) return element.name;
  return nameEncoding === 'base64' ? Buffer.from(given, 'base64').toString() : given;
}

/** By name, values joined as the short form joins them; null and a repeat of it are told apart by their place. */
function headersOf(parent: XmlElement | undefined): Map<string, (Buffer | null)[]> {
  const found = new Map<string, (Buffer | null)[]>();
  for (const element of elements(parent)) {
    found.set(nameOf(element), [...(found.get(nameOf(element)) ?? []), bytesOf(element)]);
  }
  return found;
}

const asUtf8 = (text: string) => Buffer.from(text).toString();

test('whatever a message holds, a real parser reads it back from the XML', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 3 }), (messages) => {
      const items = messages.map((parts) => {
        const one = { ...textMessage('', parts as Partial<Message>), content: parts.content };
        return XML_FORMAT.delivery({ message: one, cursor: 'c' } as Delivery, SHOWN);
      });
      const root = parseXml(XML_FORMAT.page(items, { gaps: [], nextCursor: 'c' }));
      const read = elements(find(root, 'items')[0]);
      expect(read).toHaveLength(messages.length);
      read.forEach((item, index) => {
        const sent = messages[index] ?? expect.fail();
        expect(bytesOf(find(item, 'content')[0] ?? expect.fail())).toEqual(sent.content);
        const named = elements(find(item, 'metadata')[0]).map((each) => [
          nameOf(each),
          bytesOf(each)?.toString(),
        ]);
        const given = Object.entries(sent.metadata).map(([key, value]) => [
          asUtf8(key),
          asUtf8(String(value)),
        ]);
        expect(named).toEqual(given);
        const seen = headersOf(find(item, 'headers')[0]);
        for (const own of new Set(sent.headers.map(([header]) => header))) {
          const values = sent.headers.flatMap(([header, value]) => (header === own ? [value] : []));
          const back = seen.get(asUtf8(own)) ?? expect.fail(`header ${JSON.stringify(own)}`);
          // The short form is one element for all values; a text cannot be told from it by the name alone.
          if (back.length === values.length) expect(back).toEqual(values);
          else expect(back).toEqual([Buffer.from(values.join(','))]);
        }
      });
    }),
    { numRuns: 500 },
  );
});

test('whatever a message holds, JSON gives it back', () => {
  fc.assert(
    fc.property(message, (parts) => {
      const one = { ...textMessage('', parts as Partial<Message>), content: parts.content };
      const item = JSON.parse(JSON_FORMAT.delivery({ message: one, cursor: 'c' } as Delivery, SHOWN));
      const { content, encoding } = item;
      expect(content === null ? null : Buffer.from(content, encoding ?? 'utf8')).toEqual(parts.content);
      for (const [header] of parts.headers) {
        const values = parts.headers.flatMap(([each, value]) => (each === header ? [value] : []));
        const back = Object.entries<(string | null | { base64: string })[]>(item.headers).find(
          ([each]) => each === header,
        )?.[1];
        expect(
          back?.map((value) => {
            if (value === null) return null;
            return typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.base64, 'base64');
          }),
        ).toEqual(values);
      }
    }),
    { numRuns: 500 },
  );
});
