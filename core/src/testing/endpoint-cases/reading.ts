import assert from 'node:assert/strict';
import { type ConformanceCase, caseUnless } from '../conformance-case.js';
import type { EndpointHarness } from '../endpoint-harness.js';
import { assertNumbers, assertOrdered, type Reader, range } from '../reader.js';
import { withEndpoint } from './open-case.js';

const MANY = 250;

/** What holds whenever messages are read. */
export function readingCases(harness: EndpointHarness): readonly ConformanceCase[] {
  return [
    ...harness.qos.map(
      (qos): ConformanceCase => ({
        name: `${qos}: every message is handed out once, in batches that are never empty, in order within a partition`,
        run: () =>
          withEndpoint(harness, MANY, async ({ read }) => {
            const reader = await read(qos);
            await reader.arrive(MANY);
            await reader.quiet();
            assertNumbers(reader, range(0, MANY));
            assertOrdered(reader.deliveries, harness);
          }),
      }),
    ),
    caseUnless(
      !harness.qos.includes('none') && 'the endpoint has no level none',
      'none: the stream goes on though nothing is settled',
      () =>
        withEndpoint(harness, 20, async ({ read }) => {
          const reader = await read('none', { maxInFlight: 2 });
          await reader.arrive(20);
          assertNumbers(reader, range(0, 20));
        }),
    ),
    ...harness.qos.map(
      (qos): ConformanceCase => ({
        name: `${qos}: a message has the same id for every client, and no other message has it`,
        run: () =>
          withEndpoint(harness, 10, async ({ read }) => {
            const first = await read(qos);
            await first.arrive(10);
            const second = await read(qos, { anotherClient: true });
            await second.arrive(10);
            const ids = ({ deliveries }: Reader) =>
              deliveries.map(({ message }) => `${harness.numberOf(message)} is ${message.id}`).sort();
            assert.deepEqual(ids(second), ids(first));
            assert.equal(new Set(first.deliveries.map(({ message }) => message.id)).size, 10);
          }),
      }),
    ),
  ];
}
