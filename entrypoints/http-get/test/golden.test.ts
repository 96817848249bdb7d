import { readdirSync, readFileSync } from 'node:fs';
import { type Delivery, type Message, SluiceError } from '@sluice/core';
import { textMessage } from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import { FORMATS } from '../src/format.js';
import { errorItem } from '../src/item.js';
import type { PageRest } from '../src/page.js';
import { messageHeaders } from '../src/record.js';

const FOLDER = new URL('../../../test/golden/http-get/', import.meta.url);
const golden = (name: string) => readFileSync(new URL(name, FOLDER), 'utf8');
const base64 = (text: string) => Buffer.from(text).toString('base64');
const delivery = (content: string | Buffer | null, more: Partial<Message>, rest: Partial<Delivery>) =>
  ({
    message: {
      ...textMessage('', more),
      content: typeof content === 'string' ? Buffer.from(content) : content,
    },
    ...rest,
  }) as Delivery;

interface GoldenPage {
  readonly deliveries: readonly Delivery[];
  readonly metadata: boolean;
  readonly rest: PageRest;
}

const place = (offset: number) => ({ metadata: { topic: 'orders', partition: 0, offset } });
const BOTH = { headersInPayload: true, metadataInPayload: true };
const HEADERS = { headersInPayload: true, metadataInPayload: false };

/** What is written for each golden file; the files were written by hand from the format. */
const PAGES: Readonly<Record<string, GoldenPage>> = {
  page: {
    metadata: true,
    deliveries: [
      delivery(
        '{"order": 1}',
        { ...place(0), headers: [['h', Buffer.from('v')]] },
        { cursor: base64('orders@0#0') },
      ),
      delivery('two\nlines', place(1), { cursor: base64('orders@0#1') }),
    ],
    rest: { gaps: [], nextCursor: base64('orders@0#1'), limit: '5' },
  },
  empty: { metadata: true, deliveries: [], rest: { gaps: [], nextCursor: base64('orders@0#-1') } },
  nothing: { metadata: true, deliveries: [], rest: { gaps: [], nextCursor: null } },
  unusual: {
    metadata: false,
    deliveries: [
      delivery(
        null,
        {
          headers: [
            ['h', Buffer.from('v1')],
            ['not a name', Buffer.from([255])],
            ['h', Buffer.from('v2')],
            ['h', null],
          ],
        },
        { cursor: '1' },
      ),
      delivery(Buffer.from([255, 0]), {}, { cursor: '2' }),
      delivery('', {}, { cursor: '3' }),
      delivery(
        'secret',
        {},
        {
          cursor: '4',
          error: new SluiceError('POLICY_INTERRUPTED', { message: 'no', status: 403, code: 'DENIED' }),
        },
      ),
      delivery('a]]>\r\n<b>\u0001', {}, { cursor: null }),
    ],
    rest: {
      gaps: [{ key: 'CURSOR_EXPIRED', source: 'orders@0', from: 3, to: 8 }],
      error: errorItem(new SluiceError('SUBSCRIBE_FAILED'), 'r-1', HEADERS),
      nextCursor: '4',
    },
  },
};
const ENDINGS = { json: 'json.txt', xml: 'xml', text: 'txt' } as const;

describe('the bytes on the wire', () => {
  for (const [name, { deliveries, metadata, rest }] of Object.entries(PAGES)) {
    for (const [media, ending] of Object.entries(ENDINGS)) {
      test(`${name}.${ending}`, () => {
        const format = FORMATS[media as keyof typeof ENDINGS];
        const items = deliveries.map((one) => format.delivery(one, metadata ? BOTH : HEADERS));
        expect(format.page(items, rest)).toBe(golden(`${name}.${ending}`));
      });
    }
  }

  test('octet-stream.headers', () => {
    const headers = [
      ['h', 'v1'],
      ['h', 'v2'],
      ['Content-Length', '7'],
      ['a b:*', ''],
      ['tick', '✓'],
      ['crlf', 'a\r\nSet-Cookie: b'],
      ['percent', '100%'],
      ['edge', ' x '],
    ].map(([name, value]): [string, Buffer] => [`${name}`, Buffer.from(`${value}`)]);
    const one = delivery(
      'bytes',
      { ...place(3), id: 'orders@0#3', key: Buffer.from('order 1'), headers, timestampMs: 1_700_000_000_000 },
      { cursor: base64('orders@0#3') },
    );
    const lines = Object.entries(messageHeaders(one, 'X-Message-Key')).flatMap(([name, value]) =>
      [value].flat().map((each) => `${name}: ${each}`),
    );
    expect(lines.join('\n')).toBe(golden('octet-stream.headers'));
  });

  test('every golden file is compared', () => {
    const pages = Object.keys(PAGES).flatMap((name) => Object.values(ENDINGS).map((end) => `${name}.${end}`));
    expect(readdirSync(FOLDER).sort()).toEqual([...pages, 'octet-stream.headers'].sort());
  });
});

test('headers beyond 6 KiB are left out and counted, the key is kept', () => {
  const headers = Array.from({ length: 100 }, (_, index): [string, Buffer] => [
    `h${index}`,
    Buffer.alloc(100, 1),
  ]);
  const found = messageHeaders(delivery('', { key: Buffer.from('k'), headers }, { cursor: null }), 'X-Key');
  const size = Object.entries(found).reduce(
    (sum, [name, value]) => sum + name.length + String(value).length + 4,
    0,
  );
  expect(size).toBeLessThan(7000);
  expect(found['X-Key']).toBe('k');
  const kept = Object.keys(found).filter((name) => name.startsWith('X-Message-Header-')).length;
  expect(Number(found['X-Message-Headers-Left-Out'])).toBe(100 - kept);
  expect(kept).toBeGreaterThan(10);
});
