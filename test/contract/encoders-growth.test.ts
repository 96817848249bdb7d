import { type Delivery, type Message, newMessage } from '@sluice/core';
import { fakeContext } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { FORMATS } from '../../entrypoints/http-get/src/format.js';
import { messageHeaders } from '../../entrypoints/http-get/src/record.js';
import { eventFrame } from '../../entrypoints/sse/src/frame.js';
import { callHeaders } from '../../entrypoints/webhook/src/headers.js';
import { messageFrame } from '../../entrypoints/websocket/src/envelope.js';

/** What each entrypoint writes of a message, with everything that it can write. */
const SHOWN = { headersInPayload: true, metadataInPayload: true };
const WEBHOOK = {
  subscriptionId: 's',
  ctx: fakeContext(),
  response: new Map(),
  subscriber: [],
  secrets: [],
  nowMs: 0,
};
const ENCODERS: Readonly<Record<string, (delivery: Delivery) => unknown>> = {
  'a page as JSON': (delivery) => FORMATS.json.delivery(delivery, SHOWN),
  'a page as XML': (delivery) => FORMATS.xml.delivery(delivery, SHOWN),
  'a page as text': (delivery) => FORMATS.text.delivery(delivery, SHOWN),
  'headers of one message': (delivery) => messageHeaders(delivery, 'X-Message-Key'),
  'an event': (delivery) => eventFrame(delivery, { headersAsComment: true, metadataAsComment: true }),
  'a WebSocket envelope': (delivery) => messageFrame(delivery),
  'headers of a call': ({ message }) => callHeaders(message, WEBHOOK),
};

const headersOf = (count: number, nameOf: (at: number) => string): Message => {
  const value = Buffer.from('v');
  const headers = Array.from({ length: count }, (_, at) => [nameOf(at), value] as const);
  return newMessage(Buffer.from('x'), headers, 0);
};
/** Poison records, by a size that is doubled. */
const RECORDS: Readonly<Record<string, (size: number) => Message>> = {
  'headers of one name': (size) => headersOf(size * 20_000, () => 'a'),
  'headers of many names': (size) => headersOf(size * 20_000, (at) => `h${at}`),
  'headers that HTTP cannot carry': (size) => headersOf(size * 20_000, () => 'a\r\nb: c'),
  'a content of text': (size) => newMessage(Buffer.alloc(size * 2_000_000, 'text "quoted" <&> '), [], 0),
  'a content of line ends': (size) => newMessage(Buffer.alloc(size * 1_200_000, '\r\n'), [], 0),
  'a content of CDATA ends': (size) => newMessage(Buffer.alloc(size * 1_200_000, ']]>'), [], 0),
  'a content of bytes': (size) => newMessage(Buffer.alloc(size * 2_000_000, 0xff), [], 0),
};

/** The least processor time of some runs, in milliseconds: other processes of the machine do not count. */
function cost(encode: (delivery: Delivery) => unknown, message: Message, times = 3): number {
  const delivery = { message, cursor: 'b3JkZXJzQDAjMA==', ack: () => {}, nack: () => {} };
  const runs = Array.from({ length: times }, () => {
    const before = process.cpuUsage();
    encode(delivery);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...runs);
}

for (const [record, make] of Object.entries(RECORDS)) {
  const [once, twice] = [make(1), make(2)];
  test.each(Object.entries(ENCODERS))(
    `of a record with ${record} %s costs no more than it grows`,
    (_, encode) => {
      cost(encode, once);
      let factor = 0;
      // A collection of garbage may fall into all runs of one size: that is no growth.
      for (let attempt = 0; attempt < 12; attempt++) {
        // What takes next to nothing cannot be told from noise.
        factor = (cost(encode, twice) + 1) / (cost(encode, once) + 1);
        if (factor <= 2.5) break;
      }
      expect(factor).toBeLessThanOrEqual(2.5);
    },
  );
}

test.each(Object.entries(ENCODERS))(
  '%s of a record with 100,000 headers, and of one of 20 MB, takes a bounded time',
  (_, encode) => {
    const many = headersOf(100_000, (at) => `h${at}`);
    const large = newMessage(Buffer.alloc(20_000_000, 'text <&> '), [], 0);
    for (const message of [many, large]) expect(cost(encode, message, 1)).toBeLessThan(8000);
  },
);
