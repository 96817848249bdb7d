import assert from 'node:assert/strict';
import { SluiceError } from '../../contract/errors.js';
import type { ConformanceCase } from '../conformance-case.js';
import { cursorLevels, type EndpointHarness } from '../endpoint-harness.js';
import { fakeContext } from '../fake-context.js';
import { within } from '../wait.js';
import { withEndpoint } from './open-case.js';

/** No endpoint writes cursors like these: a client, a proxy or an attacker made them up. */
const NEVER_VALID = [
  ' ',
  '%%%',
  '{}',
  '../../etc/passwd',
  '<script>',
  '\u0000',
  '💥',
  'ÄÖÜ',
  'a\nb',
  '!'.repeat(100_000),
  '-'.repeat(1000),
];

/** Cursors that are not cursors. */
export function badCursorCases(harness: EndpointHarness): readonly ConformanceCase[] {
  const malformed = [...NEVER_VALID, ...(harness.malformedCursors ?? [])];
  return cursorLevels(harness).flatMap((qos): readonly ConformanceCase[] => [
    {
      name: `${qos}: a malformed cursor is refused with INVALID_CURSOR`,
      run: () =>
        withEndpoint(harness, 3, async ({ endpoint }) => {
          for (const cursor of malformed) await assertRefused(harness, endpoint, qos, cursor);
        }),
    },
    {
      name: `${qos}: a cursor with something added to it is refused, and the refusals leave the endpoint in order`,
      run: () =>
        withEndpoint(harness, 3, async ({ endpoint, read }) => {
          const first = await read(qos);
          await first.arrive(3);
          const cursor = first.deliveries[0]?.cursor;
          await first.close();
          for (const spoiled of [`${cursor}!`, `!${cursor}`, `${cursor} ${cursor}`]) {
            await assertRefused(harness, endpoint, qos, spoiled);
          }
          const later = await read(qos, { anotherClient: true });
          await later.arrive(3);
        }),
    },
  ]);
}

async function assertRefused(
  harness: EndpointHarness,
  endpoint: Parameters<Parameters<typeof withEndpoint>[2]>[0]['endpoint'],
  qos: EndpointHarness['qos'][number],
  cursor: string,
): Promise<void> {
  const shown = JSON.stringify(cursor.slice(0, 40));
  const ctx = fakeContext();
  const asked = endpoint.subscribe(ctx, { qos, maxInFlight: 1, cursor });
  const outcome = await within(asked, harness.patienceMs ?? 5000, `the refusal of ${shown}`).then(
    async (subscription) => {
      await subscription.close();
      return undefined;
    },
    (error: unknown) => error,
  );
  assert.ok(outcome !== undefined, `the cursor ${shown} was accepted`);
  assert.ok(outcome instanceof SluiceError, `the refusal of ${shown} is not a SluiceError: ${outcome}`);
  assert.equal(outcome.key, 'INVALID_CURSOR', `the refusal of ${shown}`);
}
