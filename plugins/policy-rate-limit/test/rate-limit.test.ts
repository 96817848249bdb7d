import type { ExecutionContext, SluiceError } from '@sluice/core';
import {
  fakeContext,
  fakeExpressions,
  policyConformance,
  recordingLogger,
  textMessage,
} from '@sluice/core/testing';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { runConformance } from '../../../test/support/conformance.js';
import type { RateLimitConfig } from '../src/config.js';
import rateLimit from '../src/index.js';

const expressions = fakeExpressions({
  '{#exchange}': async (ctx) => ctx.attributes.get('exchange'),
  '{#content}': (_ctx, message) => message?.content?.toString(),
  '{#limit}': (ctx) => ctx.attributes.get('limit'),
});
const created = (rate: Partial<RateLimitConfig['rate']> = {}, addHeaders = true) =>
  rateLimit.create(
    {
      addHeaders,
      rate: { limit: 2, periodTime: 10, periodTimeUnit: 'SECONDS', key: '', useKeyOnly: false, ...rate },
    },
    { apiId: 'test', log: recordingLogger(), expressions },
  );
const from = (attributes: Record<string, unknown>, remoteAddress = '192.0.2.1') =>
  fakeContext({
    attributes: new Map(Object.entries(attributes)),
    request: { remoteAddress },
    subscription: { id: remoteAddress, type: 'standard', metadata: {} },
  });
const of = (planId: string, id: string, remoteAddress = '192.0.2.1') =>
  fakeContext({ request: { remoteAddress }, subscription: { id, planId, type: 'standard', metadata: {} } });

type Limiter = ReturnType<typeof created>;
const asks = async (policy: Limiter, ctx = fakeContext()) => {
  try {
    await policy.onRequest?.(ctx);
    return 'passed';
  } catch (error) {
    return (error as SluiceError).status;
  }
};
const publishes = async (policy: Limiter, content: string, ctx: ExecutionContext) => {
  try {
    return (await policy.onPublish?.(textMessage(content), ctx))?.content?.toString();
  } catch (error) {
    return (error as SluiceError).status;
  }
};

describe('conformance', () => {
  runConformance(
    policyConformance({
      plugin: rateLimit,
      config: { rate: { limit: 8, periodTime: 1, periodTimeUnit: 'MINUTES', key: '{#exchange}' } },
      expressions,
      withoutDefault: ['rate.dynamicLimit', 'rate.dynamicPeriodTime'],
      wrong: [
        { config: {}, says: /"rate" is missing/ },
        { config: { rate: {} }, says: /"limit" is missing/ },
        { config: { rate: { limit: -1 } }, says: /limit/ },
        { config: { rate: { limit: 1, periodTimeUnit: 'YEARS' } }, says: /periodTimeUnit/ },
        { config: { rate: { limit: 1, periodTime: 0 } }, says: /periodTime/ },
        { config: { rate: { limit: 1, periodTime: 1441, periodTimeUnit: 'MINUTES' } }, says: /one day/ },
        { config: { rate: { limit: 1, useKeyOnly: true } }, says: /needs a "key"/ },
        { config: { rate: { limit: 1, key: '{#what' } }, says: /\{#what/ },
      ],
    }),
  );
});

test('a request above the limit is answered 429, with when to come again', async () => {
  const policy = created();
  expect([await asks(policy), await asks(policy), await asks(policy)]).toEqual(['passed', 'passed', 429]);
  await expect(policy.onRequest?.(fakeContext())).rejects.toMatchObject({
    code: 'RATE_LIMIT_TOO_MANY_REQUESTS',
    message: 'Rate limit exceeded: 2 in 10 seconds',
    retryAfterSeconds: 10,
    headers: { 'x-rate-limit-limit': '2', 'x-rate-limit-remaining': '0' },
  });
});

test('a period that is over begins anew', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const policy = created({ limit: 1, periodTime: 1, periodTimeUnit: 'MINUTES' });
  expect([await asks(policy), await asks(policy)]).toEqual(['passed', 429]);
  vi.advanceTimersByTime(59_000);
  expect(await asks(policy)).toBe(429);
  vi.advanceTimersByTime(1001);
  expect(await asks(policy)).toBe('passed');
});

test('in publish each message counts, apart from requests', async () => {
  const policy = created();
  const ctx = fakeContext();
  expect(await asks(policy, ctx)).toBe('passed');
  const results: unknown[] = [];
  for (const content of ['1', '2', '3']) results.push(await publishes(policy, content, ctx));
  expect(results).toEqual(['1', '2', 429]);
});

describe('who is counted apart', () => {
  test.each<[string, Partial<RateLimitConfig['rate']>, ExecutionContext, ExecutionContext]>([
    ['addresses', {}, from({}), from({}, '192.0.2.2')],
    ['plans', {}, of('a', 'x'), of('b', 'x')],
    ['subscriptions', {}, of('gold', 'a'), of('gold', 'b')],
    ['keys', { key: '{#exchange}' }, from({ exchange: 'a' }), from({ exchange: 'b' })],
    [
      'long keys',
      { key: '{#exchange}', useKeyOnly: true },
      from({ exchange: `${'x'.repeat(500)}a` }),
      from({ exchange: `${'x'.repeat(500)}b` }),
    ],
  ])('%s', async (_, rate, one, two) => {
    const policy = created({ limit: 1, ...rate });
    expect([await asks(policy, one), await asks(policy, two)]).toEqual(['passed', 'passed']);
    expect([await asks(policy, one), await asks(policy, two)]).toEqual([429, 429]);
  });

  test.each<[string, Partial<RateLimitConfig['rate']>, ExecutionContext, ExecutionContext]>([
    ['a subscription from two addresses', {}, of('gold', 'a'), of('gold', 'a', '192.0.2.2')],
    ['a key alone', { key: 'all', useKeyOnly: true }, of('gold', 'a'), from({}, '192.0.2.2')],
  ])('not: %s', async (_, rate, one, two) => {
    const policy = created({ limit: 1, ...rate });
    expect([await asks(policy, one), await asks(policy, two)]).toEqual(['passed', 429]);
  });

  test('messages, by what is in them', async () => {
    const policy = created({ limit: 1, key: '{#content}' });
    const results: unknown[] = [];
    for (const content of ['a', 'b', 'a']) results.push(await publishes(policy, content, fakeContext()));
    expect(results).toEqual(['a', 'b', 429]);
  });
});

test('a limit that an expression gives', async () => {
  const policy = created({ limit: 0, dynamicLimit: '{#limit}' });
  expect([await asks(policy, from({ limit: '1' })), await asks(policy, from({ limit: 1 }))]).toEqual([
    'passed',
    429,
  ]);
  for (const limit of [undefined, 'many', '']) {
    await expect(policy.onRequest?.(from({ limit }))).rejects.toThrow('gave no number');
  }
});

test('a period that an expression gives', async () => {
  const policy = created({ limit: 1, dynamicPeriodTime: '{#limit}' });
  expect(await asks(policy, from({ limit: 30 }))).toBe('passed');
  await expect(policy.onRequest?.(from({ limit: 30 }))).rejects.toMatchObject({ retryAfterSeconds: 30 });
  await expect(policy.onRequest?.(from({}))).rejects.toThrow('gave no number');
});

test('headers of the answer, unless not asked for', async () => {
  const ctx = fakeContext();
  const before = Date.now();
  await created().onRequest?.(ctx);
  expect(Object.fromEntries(ctx.response.headers)).toMatchObject({
    'x-rate-limit-limit': ['2'],
    'x-rate-limit-remaining': ['1'],
  });
  const reset = Number(ctx.response.headers.get('x-rate-limit-reset')?.[0]);
  expect(reset).toBeGreaterThanOrEqual(before + 9000);
  expect(reset).toBeLessThanOrEqual(Date.now() + 10_000);
  const without = fakeContext();
  await created({}, false).onRequest?.(without);
  expect(without.response.headers.size).toBe(0);
});

test('keys are bounded: the one counted longest ago begins anew, one that goes on does not', async () => {
  const policy = created({ limit: 1, key: '{#exchange}', useKeyOnly: true });
  const of = (exchange: unknown) => asks(policy, from({ exchange }));
  expect([await of('quiet'), await of('busy')]).toEqual(['passed', 'passed']);
  for (let index = 0; index < 10_000; index++) {
    await of(index);
    if (index % 1000 === 0) expect(await of('busy')).toBe(429);
  }
  expect(await of('busy')).toBe(429);
  expect(await of('quiet')).toBe('passed');
});
