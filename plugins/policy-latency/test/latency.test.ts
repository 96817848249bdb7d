import {
  fakeContext,
  fakeExpressions,
  policyConformance,
  recordingLogger,
  textMessage,
} from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import { runConformance } from '../../../test/support/conformance.js';
import latency, { type LatencyConfig } from '../src/index.js';

const expressions = fakeExpressions({
  '{#size}': async (_ctx, message) => String(message?.content?.length),
  '{#nothing}': () => null,
  '{#negative}': () => -1,
});
const created = (config: Partial<LatencyConfig>) =>
  latency.create(
    { time: 100, timeUnit: 'MILLISECONDS', ...config },
    { apiId: 'test', log: recordingLogger(), expressions },
  );
const PHASES = ['onRequest', 'onPublish', 'onSubscribe'] as const;
const run = async (phase: (typeof PHASES)[number], config: Partial<LatencyConfig>, ctx = fakeContext()) => {
  const policy = created(config);
  const message = textMessage('x');
  return phase === 'onRequest' ? policy.onRequest?.(ctx) : policy[phase]?.(message, ctx);
};

describe('conformance', () => {
  runConformance(
    policyConformance({
      plugin: latency,
      config: { time: 1 },
      withoutDefault: ['scope', 'dynamicTime'],
      wrong: [
        { config: { time: -1 }, says: /time/ },
        { config: { timeUnit: 'HOURS' }, says: /timeUnit/ },
        { config: { time: 61, timeUnit: 'SECONDS' }, says: /60000 ms/ },
      ],
    }),
  );
});

test.each(PHASES)('%s waits that long', async (phase) => {
  const started = performance.now();
  await run(phase, { time: 40 });
  expect(performance.now() - started).toBeGreaterThanOrEqual(38);
});

test('seconds are seconds', async () => {
  const started = performance.now();
  await run('onRequest', { time: 1, timeUnit: 'SECONDS' });
  expect(performance.now() - started).toBeGreaterThanOrEqual(990);
});

test.each(PHASES)('%s: an aborted exchange waits no longer', async (phase) => {
  const aborted = new AbortController();
  const waiting = run(phase, { time: 60_000 }, fakeContext({ signal: aborted.signal }));
  setTimeout(() => aborted.abort(), 10);
  if (phase === 'onSubscribe') expect(await waiting).toMatchObject({ headers: [] });
  else await expect(waiting).rejects.toMatchObject({ key: 'goaway' });
  const late = run(phase, { time: 60_000 }, fakeContext({ signal: aborted.signal }));
  await Promise.allSettled([late]);
});

test('a time that an expression gives', async () => {
  const started = performance.now();
  await created({ dynamicTime: '{#size}' }).onPublish?.(textMessage('x'.repeat(40)), fakeContext());
  expect(performance.now() - started).toBeGreaterThanOrEqual(38);
  for (const dynamicTime of ['{#nothing}', '{#negative}', 'soon']) {
    const error = { code: 'LATENCY_INVALID_TIME', status: 500 };
    await expect(run('onRequest', { dynamicTime })).rejects.toMatchObject(error);
  }
});
