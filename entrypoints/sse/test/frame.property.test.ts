import { isUtf8 } from 'node:buffer';
import type { Delivery, Message } from '@sluice/core';
import { textMessage } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { fc } from '../../../test/support/property.js';
import { parseSse } from '../../../test/support/sse-parser.js';
import { eventFrame } from '../src/frame.js';

/** Text with far more line ends, colons and field names in it than chance would give. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\n', '\r', '\r\n', ':', ' ', 'data: x', 'id: 9'),
    ),
  )
  .map((parts) => parts.join(''));
const hostileBytes = fc.oneof(
  hostileText.map((text) => Buffer.from(text)),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
);
const messages: fc.Arbitrary<Message> = fc
  .record({
    content: fc.option(hostileBytes),
    headers: fc.array(fc.tuple(hostileText, fc.option(hostileBytes))),
    metadata: fc.dictionary(hostileText, fc.oneof(hostileText, fc.integer())),
  })
  .map((members) => textMessage('', members));
const options = fc.record({ headersAsComment: fc.boolean(), metadataAsComment: fc.boolean() });
const cursors = fc.option(fc.base64String({ minLength: 1 }));

/** What the table in frame.ts promises of a content. */
function expected({ content }: Message): { type: string; data: string } {
  if (content === null) return { type: 'tombstone', data: '' };
  if (!isUtf8(content)) return { type: 'binary', data: content.toString('base64') };
  return { type: 'message', data: content.toString().replace(/\r\n?/g, '\n') };
}

test('whatever a message holds, a client of the standard reads one event with its content and cursor', () => {
  fc.assert(
    fc.property(messages, options, cursors, (message, comments, cursor) => {
      const frame = eventFrame({ message, cursor } as Delivery, comments);
      const { events, retryMs, lastEventId } = parseSse(frame);
      expect(events).toEqual([{ ...expected(message), lastEventId: cursor ?? '' }]);
      expect({ retryMs, lastEventId }).toEqual({ retryMs: undefined, lastEventId: cursor ?? '' });
    }),
    { numRuns: 500 },
  );
});

test('frames one after the other are read as that many events, in order', () => {
  fc.assert(
    fc.property(fc.array(messages, { maxLength: 8 }), options, (batch, comments) => {
      const frames = batch.map((message, n) =>
        eventFrame({ message, cursor: String(n) } as Delivery, comments),
      );
      const { events } = parseSse(frames.join(''));
      expect(events).toEqual(batch.map((message, n) => ({ ...expected(message), lastEventId: String(n) })));
    }),
  );
});
