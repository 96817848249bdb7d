import assert from 'node:assert/strict';
import type { Delivery } from '../../contract/delivery.js';
import { type ConformanceCase, caseUnless } from '../conformance-case.js';
import { cursorLevels, type EndpointHarness } from '../endpoint-harness.js';
import { assertNumbers, assertOrdered, range } from '../reader.js';
import { withEndpoint } from './open-case.js';

const TOTAL = 9;

/** What a client's cursor brings back. */
export function cursorCases(harness: EndpointHarness): readonly ConformanceCase[] {
  const carrying = cursorLevels(harness);
  return harness.qos.flatMap((qos): readonly ConformanceCase[] => {
    if (!carrying.includes(qos)) return [withoutCursor(harness, qos)];
    return [
      {
        name: `${qos}: a cursor taken at any delivery brings exactly what was not handed out up to it`,
        run: () =>
          withEndpoint(harness, TOTAL, async ({ read }) => {
            const first = await read(qos);
            await first.arrive(TOTAL);
            first.ackAll();
            await first.close();
            for (const taken of [TOTAL - 1, 0, 4]) {
              const later = await read(qos, { cursor: cursorOf(first.deliveries[taken]) });
              const expected = first.numbers.slice(taken + 1);
              await later.arrive(expected.length);
              await later.quiet();
              assertNumbers(later, expected);
              assertOrdered(later.deliveries, harness);
              later.ackAll();
              await later.close();
            }
          }),
      },
      {
        name: `${qos}: the startCursor of a fresh subscription brings everything from the first message on`,
        run: () =>
          withEndpoint(harness, TOTAL, async ({ read }) => {
            const first = await read(qos);
            const { startCursor } = first.subscription;
            // At the levels of a group the place may be known only once the group has met.
            if (startCursor === null && harness.groups.includes(qos)) return;
            assert.ok(startCursor !== null, 'the start is known');
            await first.arrive(TOTAL);
            first.ackAll();
            await first.close();
            const later = await read(qos, { cursor: startCursor });
            await later.arrive(TOTAL);
            assertNumbers(later, range(0, TOTAL));
          }),
      },
      caseUnless(
        !harness.roundTrip && 'nothing can be added while a client is away',
        `${qos}: what is stored while a client is away comes with its cursor, and nothing else`,
        () =>
          withEndpoint(harness, 3, async ({ read, publishMore }) => {
            const first = await read(qos);
            await first.arrive(3);
            first.ackAll();
            await first.close();
            await publishMore?.(4);
            const later = await read(qos, { cursor: cursorOf(first.deliveries[2]) });
            await later.arrive(4);
            await later.quiet();
            assertNumbers(later, range(3, 7));
          }),
      ),
    ];
  });
}

function withoutCursor(harness: EndpointHarness, qos: EndpointHarness['qos'][number]): ConformanceCase {
  return {
    name: `${qos}: a level without a cursor has none on its deliveries, and no startCursor`,
    run: () =>
      withEndpoint(harness, 2, async ({ read }) => {
        const reader = await read(qos);
        await reader.arrive(2);
        assert.equal(reader.subscription.startCursor, null);
        assert.deepEqual(
          reader.deliveries.map(({ cursor }) => cursor),
          [null, null],
        );
      }),
  };
}

function cursorOf(delivery: Delivery | undefined): string {
  const cursor = delivery?.cursor ?? null;
  assert.ok(cursor !== null, 'the delivery carries a cursor');
  return cursor;
}
