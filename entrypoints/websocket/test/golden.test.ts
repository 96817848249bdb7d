import { readdirSync, readFileSync } from 'node:fs';
import { type Delivery, type Message, newMessage, SluiceError } from '@sluice/core';
import { expect, test } from 'vitest';
import {
  errorFrame,
  GOAWAY_FRAME,
  gapFrame,
  messageFrame,
  PONG_FRAME,
  receiptFrame,
} from '../src/envelope.js';
import { frame, OPCODE } from '../src/frame.js';

const FOLDER = new URL('../../../test/golden/websocket/', import.meta.url);
const BINARY = Buffer.from([0xff, 0x00]);
const message = (more: Partial<Message> = {}, cursor: string | null = 'b3JkZXJzQDAjNw==') =>
  messageFrame({ message: { ...newMessage(Buffer.from('{"n":1}'), [], 1000), ...more }, cursor } as Delivery);
const METADATA = { topic: 'orders', partition: 0, offset: 7, sourceTimestamp: 1000 };

/** What is written for each golden file. */
const FRAMES: Readonly<Record<string, string>> = {
  message: message({
    key: Buffer.from('k'),
    headers: [
      ['a', Buffer.from('1')],
      ['b', null],
      ['a', Buffer.from('2')],
    ],
    metadata: METADATA,
  }),
  binary: message({ content: BINARY, key: BINARY, headers: [['a', BINARY]] }),
  tombstone: message({ content: null, key: Buffer.from('k') }),
  'empty-content': message({ content: Buffer.alloc(0) }),
  'without-id': message({}, null),
  'failed-message': messageFrame({
    message: newMessage(null, [], 0),
    cursor: '7',
    error: new SluiceError('POLICY_INTERRUPTED', { code: 'NO', status: 412, message: 'no' }),
  } as Delivery),
  receipt: receiptFrame('1', { ok: true, storedAt: [{ topic: 'orders', partition: 2, offset: 41 }] }),
  'receipt-without-id': receiptFrame(undefined, { ok: true, storedAt: [] }),
  'receipt-of-what-is-queued': receiptFrame('1', { ok: true, storedAt: [], queued: true }),
  'receipt-of-a-failure': receiptFrame('1', { ok: false, error: new SluiceError('ENDPOINT_UNAVAILABLE') }),
  error: errorFrame(new SluiceError('SUBSCRIBE_FAILED'), 'r-1'),
  'error-of-a-frame': errorFrame(new SluiceError('INVALID_FRAME', { parameters: { id: '1' } }), 'r-1'),
  gap: gapFrame({ key: 'CURSOR_EXPIRED', source: 'orders@0', from: 3, to: 9 }),
  goaway: GOAWAY_FRAME,
  pong: PONG_FRAME,
};

test.each(Object.entries(FRAMES))('%s', (name, text) => {
  expect(`${text}\n`).toBe(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
});

test('every golden file is used', () => {
  expect(readdirSync(FOLDER).toSorted()).toEqual(
    Object.keys(FRAMES)
      .map((name) => `${name}.json`)
      .toSorted(),
  );
});

test.each([
  [0, '8200'],
  [125, '827d'],
  [126, '827e007e'],
  [65_535, '827effff'],
  [65_536, '827f0000000000010000'],
])('the head of a binary frame of %i bytes is %s (RFC 6455 §5.2)', (length, head) => {
  expect(frame(OPCODE.binary, Buffer.alloc(length))[0].toString('hex')).toBe(head);
});
