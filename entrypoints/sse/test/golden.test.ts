import { readdirSync, readFileSync } from 'node:fs';
import type { Delivery, Message } from '@sluice/core';
import { textMessage } from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import { errorFrame, eventFrame, gapFrame, goawayFrame, HEARTBEAT, openingFrame } from '../src/frame.js';

const FOLDER = new URL('../../../test/golden/sse/', import.meta.url);
const PLAIN = { headersAsComment: false, metadataAsComment: false };
const HEADERS = { ...PLAIN, headersAsComment: true };
const METADATA = { ...PLAIN, metadataAsComment: true };

const event = (message: Partial<Message>, options = PLAIN, cursor: string | null = '7') => {
  const delivery = { message: textMessage('hello', message), cursor } as Delivery;
  return eventFrame(delivery, options);
};
const text = (content: string) => event({ content: Buffer.from(content) });
const bytes = (value: string) => Buffer.from(value);

/** What is written for each golden file; the files were written by hand from the standard. */
const FRAMES: Readonly<Record<string, string>> = {
  text: text('hello'),
  lf: text('one\ntwo\n\nfour'),
  cr: text('one\rtwo\r\rfour'),
  crlf: text('one\r\ntwo\r\n\r\nfour'),
  'mixed-line-ends': text('one\r\ntwo\nthree\n\rfive'),
  'ends-with-line-end': text('one\n'),
  'only-line-end': text('\n'),
  'looks-like-fields': text('\n\nid: 999\nevent: goaway\n: comment'),
  'leading-spaces': text('  two spaces before'),
  empty: text(''),
  tombstone: event({ content: null }),
  'multi-byte': text('é ✓ 💧 \u2028 \u0085 \ufeff日本'),
  binary: event({ content: Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x0a]) }),
  'truncated-utf-8': event({ content: bytes('✓').subarray(0, 2) }),
  'without-id': event({}, PLAIN, null),
  'cursor-vector': event({}, PLAIN, 'b3JkZXJzQDAjNSwxIy0x'),
  'headers-as-comments': event(
    {
      headers: [
        ['x-app', bytes('one')],
        ['x-none', null],
        ['x-empty', bytes('')],
        ['x-app', bytes('two')],
        ['x-é', bytes('✓')],
      ],
      metadata: { topic: 'orders' },
    },
    HEADERS,
  ),
  'header-line-breaks': event(
    { headers: [['x\na\rb\r\nc', bytes('one\ndata: forged\r\ntwo\n\nevent: goaway')]] },
    HEADERS,
  ),
  'metadata-as-comments': event(
    { metadata: { topic: 'orders', partition: 0, offset: 5, key: 'a\nb' }, headers: [['x', bytes('1')]] },
    METADATA,
  ),
  'headers-then-metadata': event(
    { metadata: { topic: 'orders' }, headers: [['x-app', bytes('one')]] },
    { headersAsComment: true, metadataAsComment: true },
  ),
  heartbeat: HEARTBEAT,
  opening: openingFrame(1234, '-1'),
  'opening-without-cursor': openingFrame(1234, null),
  gap: gapFrame({ key: 'CURSOR_EXPIRED', source: 'orders@0', from: 3, to: 8 }),
  goaway: goawayFrame(4321),
  error: errorFrame({
    message: 'line one\nline two',
    http_status_code: 502,
    key: 'SUBSCRIBE_FAILED',
    request_id: 'r-1',
  }),
};

describe('the bytes on the wire', () => {
  test.each(Object.keys(FRAMES))('%s', (name) => {
    expect(FRAMES[name]).toBe(readFileSync(new URL(`${name}.txt`, FOLDER), 'utf8'));
  });

  test('every golden file is compared', () => {
    expect(readdirSync(FOLDER).sort()).toEqual(
      Object.keys(FRAMES)
        .map((name) => `${name}.txt`)
        .sort(),
    );
  });
});
