import { connect } from 'node:net';
import { MemoryEndpoint, numberedMessages } from '@sluice/core/testing';
import { expect } from 'vitest';
import { endpointPlugin, startTestGateway } from '../support/gateway.js';
import { websocket } from '../support/plugins.js';
import { fc } from '../support/property.js';
import { frame, socketOf } from './corpus/bytes.js';
import { fuzz, fuzzApi } from './fuzzing.js';

const api = fuzzApi([{ type: 'websocket', qos: 'at-least-once', configuration: { acks: true } }]);

const word = fc.constantFrom(
  ...['publish', 'ack', 'nack', 'ping', 'x', '', 'base64', 'utf8', '__proto__', '\ud800', 'AA==', '{#x}'],
);
const value: fc.Arbitrary<unknown> = fc.oneof(
  word,
  fc.jsonValue(),
  fc.constantFrom(null, 0, [], {}, ['a'], { a: ['b', null] }),
);
const member = fc.constantFrom(
  'type',
  'id',
  'ids',
  'content',
  'key',
  'keyEncoding',
  'encoding',
  'headers',
  '__proto__',
);
const envelope = fc
  .tuple(word, fc.array(fc.tuple(member, value), { maxLength: 5 }))
  .map(([type, members]) => JSON.stringify({ type, content: 'x', ...Object.fromEntries(members) }));
const payload = fc.oneof(
  { weight: 5, arbitrary: envelope.map((text) => Buffer.from(text)) },
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(Buffer.alloc(70_000, '['), Buffer.alloc(2_000_000, 'x')),
);
const one = fc
  .record({
    opcode: fc.constantFrom(1, 1, 1, 1, 2, 0, 8, 9, 10, 3, 15),
    payload,
    final: fc.boolean(),
    cut: fc.nat(400),
  })
  .map(({ opcode, payload: bytes, final, cut }) => {
    const whole = frame(opcode, bytes, final || opcode < 3);
    // One of four is cut off somewhere, so that the next begins in its midst.
    return cut < 100 ? whole.subarray(0, cut) : whole;
  });
const conversation = fc.record({
  frames: fc.array(one, { minLength: 1, maxLength: 5 }),
  protocol: fc.constantFrom('sluice.json.v1', undefined),
});

fuzz({
  what: 'frames a WebSocket client sends',
  gateway: () =>
    startTestGateway({
      plugins: [websocket, endpointPlugin(new MemoryEndpoint({ messages: numberedMessages(3) }))],
      apis: [api],
    }),
  input: conversation,
  send: async ({ frames, protocol }, { port }) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.setTimeout(50, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => undefined);
    // A close frame ends it at once, but where it became a part of what was cut off.
    socket.write(socketOf([...frames, frame(8, Buffer.alloc(0))], protocol));
    // Without an error: the gateway may close while more is on its way to it.
    await new Promise((resolve) => socket.once('close', resolve));
    const text = Buffer.concat(chunks).toString('latin1');
    // Nothing at all was read where the connection was reset with the answer on its way.
    expect(text).toMatch(/^(HTTP\/1\.1 101 |$)/);
    expect(text).not.toContain('INTERNAL_ERROR');
    // A close frame of 1011, an error of ours.
    expect(text).not.toContain('\x03\xf3');
  },
});
