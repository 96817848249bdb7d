import assert from 'node:assert/strict';
import type { ConformanceCase } from '../conformance-case.js';
import { type EndpointHarness, settlingLevels } from '../endpoint-harness.js';
import { assertNumbers, range } from '../reader.js';
import { withEndpoint } from './open-case.js';

/** The bound on what is handed out and not settled. */
export function boundCases(harness: EndpointHarness): readonly ConformanceCase[] {
  return settlingLevels(harness).flatMap((qos): readonly ConformanceCase[] => [
    {
      name: `${qos}: never more than maxInFlight deliveries are unsettled`,
      run: () =>
        withEndpoint(harness, 40, async ({ read }) => {
          for (const maxInFlight of [1, 7]) {
            const reader = await read(qos, { maxInFlight, anotherClient: true });
            await reader.arrive(maxInFlight);
            await reader.quiet();
            assert.equal(reader.deliveries.length, maxInFlight);
            await reader.close();
          }
        }),
    },
    {
      name: `${qos}: a saturated stream goes on with each delivery that is settled, to the end`,
      run: () =>
        withEndpoint(harness, 20, async ({ read }) => {
          const reader = await read(qos, { maxInFlight: 3 });
          for (let settled = 0; settled < 20; settled++) {
            await reader.arrive(Math.min(20, settled + 3));
            assert.ok(reader.deliveries.length <= settled + 3, 'the bound holds while it goes on');
            reader.deliveries[settled]?.ack();
          }
          assertNumbers(reader, range(0, 20));
        }),
    },
    {
      name: `${qos}: a saturated stream goes on when a delivery is settled while a pull waits`,
      run: () =>
        withEndpoint(harness, 4, async ({ read }) => {
          const reader = await read(qos, { maxInFlight: 2 });
          await reader.arrive(2);
          await reader.quiet();
          reader.ackAll();
          await reader.arrive(4);
          assertNumbers(reader, range(0, 4));
        }),
    },
  ]);
}
