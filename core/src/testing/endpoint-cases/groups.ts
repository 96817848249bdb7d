import assert from 'node:assert/strict';
import type { Delivery } from '../../contract/delivery.js';
import { type ConformanceCase, caseUnless } from '../conformance-case.js';
import type { EndpointHarness } from '../endpoint-harness.js';
import { assertNumbers, partitionOf, range } from '../reader.js';
import { withEndpoint } from './open-case.js';

/** What an endpoint remembers of a client identifier between two subscriptions. */
export function groupCases(harness: EndpointHarness): readonly ConformanceCase[] {
  const forgets = (qos: (typeof harness.groups)[number]) =>
    harness.groups.includes(qos) ? false : `the endpoint remembers nothing at ${qos}`;
  return [
    ...harness.qos.map((qos) =>
      caseUnless(
        forgets(qos),
        `${qos}: the next subscription of a client goes on after what was settled`,
        () =>
          withEndpoint(harness, 12, async ({ read }) => {
            const first = await read(qos, { maxInFlight: 5 });
            await first.arrive(5);
            await first.quiet();
            first.ackAll();
            await first.close();
            const second = await read(qos);
            await second.arrive(7);
            await second.quiet();
            const seen = new Set(first.numbers);
            assertNumbers(
              second,
              range(0, 12).filter((number) => !seen.has(number)),
            );
          }),
      ),
    ),
    caseUnless(
      forgets('at-least-once'),
      'at-least-once: progress never passes an unsettled delivery: it and what follows it come again, nothing before',
      () =>
        withEndpoint(harness, 15, async ({ read }) => {
          const first = await read('at-least-once');
          await first.arrive(15);
          const left = first.deliveries[6] as Delivery;
          for (const delivery of first.deliveries) if (delivery !== left) delivery.ack();
          await first.close();
          const expected = first.deliveries
            .filter(({ message }) => partitionOf(message) === partitionOf(left.message))
            .map(({ message }) => harness.numberOf(message))
            .filter((number) => number >= harness.numberOf(left.message));
          const second = await read('at-least-once');
          await second.arrive(expected.length);
          await second.quiet();
          assertNumbers(second, expected);
          second.ackAll();
          await second.close();
          const third = await read('at-least-once');
          await third.quiet();
        }),
    ),
    caseUnless(
      forgets('at-least-once'),
      'at-least-once: what was handed out and never settled comes again, all of it',
      () =>
        withEndpoint(harness, 6, async ({ read }) => {
          const first = await read('at-least-once');
          await first.arrive(6);
          await first.close();
          const second = await read('at-least-once');
          await second.arrive(6);
          assertNumbers(second, range(0, 6));
        }),
    ),
    caseUnless(
      forgets('at-most-once'),
      'at-most-once: what was handed out is not handed out again, settled or not, nacked or not',
      () =>
        withEndpoint(harness, 12, async ({ read }) => {
          const first = await read('at-most-once', { maxInFlight: 6 });
          await first.arrive(6);
          first.deliveries[0]?.ack();
          first.deliveries[1]?.nack(new Error('not now'));
          await first.quiet().catch(() => undefined);
          await first.close();
          const second = await read('at-most-once');
          await second.arrive(12 - first.deliveries.length);
          await second.quiet();
          const numbers = [...first.numbers, ...second.numbers];
          assert.equal(new Set(numbers).size, numbers.length, `nothing came twice: ${numbers.join(' ')}`);
        }),
    ),
  ];
}
