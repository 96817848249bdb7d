import { type Delivery, type Message, SluiceError } from '@sluice/core';
import { type ConformanceCase, endpointConformance, MemoryEndpoint } from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import { memoryHarness } from './memory-harness.js';
import { type Spoil, spoiled } from './spoil.js';

/** The suite is only worth something when a broken endpoint fails it: one mutant for each promise. */
const MUTANTS: readonly { does: string; spoil: Spoil; fails: RegExp }[] = [
  {
    does: 'hands out an empty batch',
    spoil: {
      batches: async function* (inner) {
        yield [];
        yield* inner;
      },
    },
    fails: /batches that are never empty/,
  },
  {
    does: 'turns the order of a batch round',
    spoil: {
      batches: async function* (inner) {
        for await (const batch of inner) yield [...batch].reverse();
      },
    },
    fails: /in order within a partition/,
  },
  {
    does: 'hands out a message twice',
    spoil: {
      batches: async function* (inner) {
        for await (const batch of inner) yield [...batch, ...batch.slice(-1)];
      },
    },
    fails: /every message is handed out once/,
  },
  {
    does: 'counts what nobody settles',
    spoil: { request: (request) => (request.qos === 'none' ? { ...request, qos: 'balanced' } : request) },
    fails: /none: the stream goes on though nothing is settled/,
  },
  {
    does: 'gives messages a new id each time',
    spoil: { delivery: (inner) => withMessage(inner, { id: `${Math.random()}` }) },
    fails: /the same id for every client/,
  },
  {
    does: 'takes an ack back by a later nack',
    spoil: { delivery: (inner) => ({ ...inner, ack: () => undefined }) },
    fails: /later acks and nacks are ignored/,
  },
  {
    does: 'takes a nack for an ack',
    spoil: { delivery: (inner) => ({ ...inner, nack: () => inner.ack() }) },
    fails: /a nack brings the message/,
  },
  {
    does: 'forgets a nack when an ack follows',
    spoil: {
      delivery: (inner) => ({ ...inner, nack: () => setTimeout(() => inner.nack(new Error('late')), 5) }),
    },
    fails: /a later ack does not take it back/,
  },
  {
    does: 'hands out one more than the bound',
    spoil: { request: (request) => ({ ...request, maxInFlight: request.maxInFlight + 1 }) },
    fails: /never more than maxInFlight/,
  },
  {
    does: 'never goes on once saturated',
    spoil: {
      batches: async function* (inner, request) {
        let left = request.qos === 'none' ? Number.POSITIVE_INFINITY : request.maxInFlight;
        for await (const batch of inner) {
          yield batch;
          left -= batch.length;
          if (left <= 0) await new Promise(() => undefined);
        }
      },
    },
    fails: /a saturated stream goes on/,
  },
  {
    does: 'gives a cursor that is one behind',
    spoil: { delivery: (inner) => ({ ...inner, cursor: shifted(inner.cursor, -1) }) },
    fails: /a cursor taken at any delivery/,
  },
  {
    does: 'gives a cursor that is one ahead',
    spoil: { delivery: (inner) => ({ ...inner, cursor: shifted(inner.cursor, 1) }) },
    fails: /a cursor taken at any delivery/,
  },
  {
    does: 'starts one behind its startCursor',
    spoil: { subscription: ({ startCursor }) => ({ startCursor: shifted(startCursor, 1) }) },
    fails: /the startCursor of a fresh subscription/,
  },
  {
    does: 'gives a cursor at a level that has none',
    spoil: { delivery: (inner) => ({ ...inner, cursor: inner.cursor ?? '0' }) },
    fails: /a level without a cursor/,
  },
  {
    does: 'takes any cursor for none',
    spoil: {
      request: ({ cursor, ...request }) =>
        cursor === undefined || /^[-\d,]+$/.test(cursor) ? { ...request, ...asGiven(cursor) } : request,
    },
    fails: /a malformed cursor is refused|a cursor with something added/,
  },
  {
    does: 'forgets its groups',
    spoil: { request: (request) => ({ cursor: '-1', ...request }) },
    fails: /goes on after what was settled/,
  },
  {
    does: 'records progress when it hands out',
    spoil: {
      delivery: (inner) => {
        inner.ack();
        return inner;
      },
    },
    fails: /progress never passes an unsettled delivery/,
  },
  {
    does: 'hands out again at at-most-once',
    spoil: {
      request: (request) => (request.qos === 'at-most-once' ? { ...request, qos: 'at-least-once' } : request),
    },
    fails: /at-most-once: what was handed out is not handed out again/,
  },
  {
    does: 'throws when it is closed',
    spoil: {
      batches: async function* (inner) {
        yield* inner;
        throw new Error('closed');
      },
    },
    fails: /closing ends/,
  },
  {
    does: 'leaves a pull waiting when it is closed',
    spoil: {
      batches: async function* (inner) {
        yield* inner;
        await new Promise(() => undefined);
      },
    },
    fails: /closing ends a pull that waits/,
  },
  {
    does: 'cannot be closed twice',
    spoil: {
      subscription: (inner) => {
        let closed = false;
        return {
          close: () => {
            if (closed) return Promise.reject(new Error('closed already'));
            closed = true;
            return inner.close();
          },
        };
      },
    },
    fails: /closing twice is safe/,
  },
  {
    does: 'leaves its subscriptions open when it stops',
    spoil: { stop: () => Promise.resolve() },
    fails: /stopping the endpoint twice/,
  },
  {
    does: 'makes a tombstone an empty body',
    spoil: {
      delivery: (inner) => withMessage(inner, { content: inner.message.content ?? Buffer.alloc(0) }),
    },
    fails: /tombstones/,
  },
  {
    does: 'keeps one header of a name',
    spoil: {
      delivery: (inner) => withMessage(inner, { headers: [...new Map(inner.message.headers)] }),
    },
    fails: /repeated, null and empty header values/,
  },
  {
    does: 'reads contents as text',
    spoil: {
      delivery: (inner) =>
        inner.message.content === null
          ? inner
          : withMessage(inner, { content: Buffer.from(inner.message.content.toString()) }),
    },
    fails: /binary contents/,
  },
  {
    does: 'loses a result',
    spoil: { results: (results) => results.slice(1) },
    fails: /one result a message/,
  },
  {
    does: 'turns the results round',
    spoil: { results: (results) => [...results].reverse() },
    fails: /one result a message, in the same order/,
  },
  {
    does: 'fails all messages for one',
    spoil: {
      results: (results) =>
        results.every(({ ok }) => ok)
          ? results
          : results.map(() => ({ ok: false, error: new SluiceError('PUBLISH_REFUSED') })),
    },
    fails: /does not take others with it/,
  },
];

describe('the conformance suite of endpoints finds an endpoint that', () => {
  test.concurrent.each(MUTANTS)('$does', async ({ spoil, fails }) => {
    const harness = memoryHarness({ partitions: 1 }, (endpoint) => spoiled(endpoint, spoil));
    const cases = endpointConformance(harness).filter(({ name }) => fails.test(name));
    expect(await failing(cases)).not.toEqual([]);
  });
});

test('a case that does not apply refuses to run', async () => {
  const harness = { ...memoryHarness({}), roundTrip: false };
  const skipped = endpointConformance(harness).filter(({ skip }) => skip !== undefined);
  expect(skipped.length).toBeGreaterThan(0);
  await expect(skipped[0]?.run()).rejects.toThrow('does not apply');
});

test('an endpoint is released by its case, also when the case fails', async () => {
  let stopped = 0;
  const harness = memoryHarness({}, () => new MemoryEndpoint());
  const open = harness.open;
  const counting: typeof harness = {
    ...harness,
    open: async (options) => {
      const opened = await open(options);
      return { ...opened, stop: async () => void stopped++ };
    },
  };
  const [first] = endpointConformance(counting);
  await expect(first?.run()).rejects.toThrow();
  expect(stopped).toBe(1);
});

async function failing(cases: readonly ConformanceCase[]): Promise<readonly string[]> {
  const names: string[] = [];
  for (const { name, run, skip } of cases) {
    if (skip !== undefined) continue;
    await run().catch(() => names.push(name));
    if (names.length > 0) return names;
  }
  return names;
}

function withMessage(delivery: Delivery, change: Partial<Message>): Delivery {
  return { ...delivery, message: { ...delivery.message, ...change } };
}

function shifted(cursor: string | null, by: number): string | null {
  return cursor === null ? null : String(Math.max(-1, Number(cursor) + by));
}

function asGiven(cursor: string | undefined): { cursor?: string } {
  return cursor === undefined ? {} : { cursor };
}
