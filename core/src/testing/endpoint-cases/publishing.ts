import assert from 'node:assert/strict';
import type { PublishResult } from '../../contract/endpoint.js';
import type { Message } from '../../contract/message.js';
import { type ConformanceCase, caseUnless } from '../conformance-case.js';
import type { EndpointHarness } from '../endpoint-harness.js';
import { fakeContext } from '../fake-context.js';
import { numberedMessages, textMessage } from '../messages.js';
import { partitionOf, type Reader } from '../reader.js';
import { within } from '../wait.js';
import { type CaseEndpoint, withEndpoint } from './open-case.js';

/** Every byte there is, which is no valid text. */
const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

/** Messages that are often spoiled on the way; their keys are equal, so that they share a partition. */
const DELICATE: readonly Message[] = [
  textMessage('a tombstone follows'),
  { ...textMessage(''), content: null },
  textMessage(''),
  { ...textMessage(''), content: ALL_BYTES },
  textMessage('{"multi":"byte ✓ 💧"}\r\n\n', {
    headers: [
      ['repeated', Buffer.from('first')],
      ['other', Buffer.from('between')],
      ['repeated', Buffer.from('second')],
      ['nothing', null],
      ['empty', Buffer.alloc(0)],
      ['Binary', ALL_BYTES],
      ['repeated', Buffer.from('first')],
    ],
  }),
].map((message) => ({ ...message, key: Buffer.from('delicate') }));

/** What becomes of published messages. */
export function publishingCases(harness: EndpointHarness): readonly ConformanceCase[] {
  const publish = async (
    { endpoint }: CaseEndpoint,
    messages: readonly Message[],
    qos = harness.qos.at(-1),
  ) =>
    within(
      endpoint.publish(fakeContext(), messages, { qos: qos ?? 'none' }),
      harness.patienceMs ?? 5000,
      'publish()',
    );
  return [
    ...harness.qos.map(
      (qos): ConformanceCase => ({
        name: `${qos}: publishing gives one result a message, in the same order`,
        run: () =>
          withEndpoint(harness, 0, async (opened) => {
            const results = await publish(opened, numberedMessages(25), qos);
            assert.equal(results.length, 25);
            assert.deepEqual(
              results.filter(({ ok }) => !ok),
              [],
            );
            assertOffsetsRise(results);
            assert.deepEqual(await publish(opened, [], qos), []);
          }),
      }),
    ),
    caseUnless(
      harness.refused === undefined && 'the harness names no message that is refused',
      'a message that is refused has its error in its own place, and does not take others with it',
      () =>
        withEndpoint(harness, 0, async (opened) => {
          const bad = harness.refused?.() as Message;
          const [one, two] = numberedMessages(2) as readonly [Message, Message];
          const results = await publish(opened, [one, bad, two]);
          assert.deepEqual(
            results.map(({ ok }) => ok),
            [true, false, true],
          );
        }),
    ),
    caseUnless(
      !harness.roundTrip && 'what is published does not come back',
      'tombstones, empty and binary contents, keys, repeated, null and empty header values arrive unchanged',
      () =>
        withEndpoint(harness, 0, async (opened) => {
          const reader = await opened.read(harness.qos[0] ?? 'none');
          const results = await publish(opened, DELICATE);
          await reader.arrive(DELICATE.length);
          assert.deepEqual(contents(reader), DELICATE.map(essence));
          assertStoredWhereRead(results, reader);
        }),
    ),
  ];
}

const contents = ({ deliveries }: Reader) => deliveries.map(({ message }) => essence(message));
const essence = ({ key, content, headers }: Message) => ({ key, content, headers });

function assertOffsetsRise(results: readonly PublishResult[]): void {
  const last = new Map<string, number>();
  for (const result of results) {
    for (const { topic, partition, offset } of result.ok ? result.storedAt : []) {
      if (offset === undefined) continue;
      const place = `${topic}@${partition}`;
      assert.ok(offset > (last.get(place) ?? -1), `the offsets of ${place} rise with the results`);
      last.set(place, offset);
    }
  }
}

/** Where an endpoint states offsets both ways, the result of a message names the place it was read from. */
function assertStoredWhereRead(results: readonly PublishResult[], reader: Reader): void {
  reader.deliveries.forEach(({ message }, index) => {
    const result = results[index];
    const { offset } = message.metadata;
    for (const stored of result?.ok === true ? result.storedAt : []) {
      if (stored.offset === undefined || offset === undefined) continue;
      const place = `${stored.topic}@${stored.partition} ${stored.offset}`;
      assert.equal(place, `${partitionOf(message)} ${offset}`);
    }
  });
}
