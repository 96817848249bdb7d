import assert from 'node:assert/strict';
import type { ConformanceCase } from '../conformance-case.js';
import { type EndpointHarness, settlingLevels } from '../endpoint-harness.js';
import { pause, within } from '../wait.js';
import { withEndpoint } from './open-case.js';

/** How a subscription, and the endpoint, end. */
export function closingCases(harness: EndpointHarness): readonly ConformanceCase[] {
  const levels = harness.qos.flatMap((qos): readonly ConformanceCase[] => [
    {
      name: `${qos}: closing ends the iteration without an error`,
      run: () =>
        withEndpoint(harness, 8, async ({ read }) => {
          const reader = await read(qos, { maxInFlight: 2 });
          await reader.arrive(2);
          await reader.close();
          const before = reader.deliveries.length;
          reader.ackAll();
          await reader.end();
          assert.equal(reader.deliveries.length, before, 'nothing is handed out after close()');
        }),
    },
    {
      name: `${qos}: closing ends a pull that waits, without an error`,
      run: () =>
        withEndpoint(harness, 2, async ({ read }) => {
          const reader = await read(qos, { maxInFlight: 2 });
          await reader.arrive(2);
          const ended = reader.end();
          // Turns of the event loop, for the pull to be waiting.
          await pause(10);
          await reader.close();
          await ended;
          assert.equal(reader.deliveries.length, 2);
        }),
    },
    {
      name: `${qos}: closing before the first pull ends the iteration`,
      run: () =>
        withEndpoint(harness, 2, async ({ read }) => {
          const reader = await read(qos);
          await reader.close();
          await reader.end();
          assert.equal(reader.deliveries.length, 0);
        }),
    },
    {
      name: `${qos}: closing twice is safe, one after the other and at once`,
      run: () =>
        withEndpoint(harness, 2, async ({ read }) => {
          const reader = await read(qos);
          await reader.arrive(1);
          await Promise.all([reader.close(), reader.close()]);
          await reader.close();
        }),
    },
    {
      name: `${qos}: settling after close() throws nothing`,
      run: () =>
        withEndpoint(harness, 2, async ({ read }) => {
          const reader = await read(qos);
          await reader.arrive(2);
          await reader.close();
          reader.deliveries[0]?.ack();
          reader.deliveries[1]?.nack(new Error('too late'));
        }),
    },
  ]);
  return [
    ...levels,
    {
      name: 'stopping the endpoint twice is safe, and ends its subscriptions without an error',
      run: () =>
        withEndpoint(harness, 2, async ({ endpoint, read }) => {
          const qos = settlingLevels(harness)[0] ?? 'none';
          const reader = await read(qos, { maxInFlight: 2 });
          await reader.arrive(2);
          reader.pull();
          const stop = () => within(endpoint.stop(1000), harness.patienceMs ?? 5000, 'stop()');
          await Promise.all([stop(), stop()]);
          await stop();
          await reader.end();
        }),
    },
    {
      name: 'health() names a status, without waiting and without throwing',
      run: () =>
        withEndpoint(harness, 0, async ({ endpoint }) => {
          assert.match(endpoint.health().status, /^(up|down|unknown)$/);
        }),
    },
  ];
}
