import assert from 'node:assert/strict';
import type { Delivery } from '../../contract/delivery.js';
import { type ConformanceCase, caseUnless } from '../conformance-case.js';
import { type EndpointHarness, settlingLevels } from '../endpoint-harness.js';
import { assertOrdered, partitionOf } from '../reader.js';
import { type CaseEndpoint, withEndpoint } from './open-case.js';

/** What `ack` and `nack` do. */
export function settlingCases(harness: EndpointHarness): readonly ConformanceCase[] {
  const redelivers = harness.redelivers ?? ['at-least-once'];
  return settlingLevels(harness).flatMap((qos) => {
    const again = redelivers.includes(qos) ? false : `a nack does not hand out again at ${qos}`;
    const on = (messages: number, run: (opened: CaseEndpoint) => Promise<void>) => () =>
      withEndpoint(harness, messages, run);
    return [
      {
        name: `${qos}: a delivery is settled by its first ack; later acks and nacks are ignored`,
        run: on(6, async ({ read }) => {
          const reader = await read(qos);
          await reader.arrive(6);
          reader.ackAll();
          for (const delivery of reader.deliveries) delivery.nack(new Error('too late'));
          reader.ackAll();
          await reader.quiet();
        }),
      },
      {
        name: `${qos}: settling one delivery twice makes room for one`,
        run: on(10, async ({ read }) => {
          const reader = await read(qos, { maxInFlight: 3 });
          await reader.arrive(3);
          reader.deliveries[0]?.ack();
          reader.deliveries[0]?.ack();
          reader.deliveries[0]?.nack(new Error('too late'));
          await reader.arrive(4);
          await reader.quiet();
        }),
      },
      caseUnless(
        again,
        `${qos}: a nack brings the message and the later ones of its partition again, in order`,
        on(12, async ({ read }) => {
          const reader = await read(qos);
          await reader.arrive(12);
          const refused = reader.deliveries[4] as Delivery;
          const expected = followers(refused, reader.deliveries, harness);
          for (const delivery of reader.deliveries.slice(0, 4)) delivery.ack();
          refused.nack(new Error('not now'));
          await reader.arrive(12 + expected.length);
          await reader.quiet();
          const repeated = reader.deliveries.slice(12);
          assert.deepEqual(
            repeated.map(({ message }) => message.id),
            expected,
          );
          assertOrdered(repeated, harness);
        }),
      ),
      caseUnless(
        again,
        `${qos}: a delivery is settled by its first nack; a later ack does not take it back`,
        on(3, async ({ read }) => {
          const reader = await read(qos);
          await reader.arrive(3);
          const last = reader.deliveries[2] as Delivery;
          last.nack(new Error('not now'));
          last.ack();
          await reader.arrive(4);
          await reader.quiet();
          assert.equal(reader.deliveries[3]?.message.id, last.message.id);
        }),
      ),
      caseUnless(
        again,
        `${qos}: what was nacked comes again as often as it is nacked`,
        on(1, async ({ read }) => {
          const reader = await read(qos, { maxInFlight: 1 });
          for (let attempt = 1; attempt <= 4; attempt++) {
            await reader.arrive(attempt);
            reader.deliveries[attempt - 1]?.nack(new Error('not now'));
          }
          await reader.arrive(5);
          reader.ackAll();
          await reader.quiet();
          assert.equal(new Set(reader.deliveries.map(({ message }) => message.id)).size, 1);
        }),
      ),
    ];
  });
}

/** The ids of a delivery and what was handed out after it of the same partition. */
function followers(
  from: Delivery,
  all: readonly Delivery[],
  { numberOf }: EndpointHarness,
): readonly string[] {
  const partition = partitionOf(from.message);
  return all
    .filter(({ message }) => partitionOf(message) === partition)
    .filter(({ message }) => numberOf(message) >= numberOf(from.message))
    .map(({ message }) => message.id);
}
