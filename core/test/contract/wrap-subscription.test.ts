import { expect, test, vi } from 'vitest';
import type { Subscription } from '../../src/contract/delivery.js';
import { wrapSubscription } from '../../src/contract/wrap-subscription.js';

const batches = (...numbers: number[]) =>
  async function* (): AsyncGenerator<never, void, void> {
    for (const number of numbers) yield number as never;
  };

/** A subscription that uses `this` in all it does. */
class Inner implements Subscription {
  startCursor: string | null = null;
  closed = 0;
  ready = Promise.resolve();
  passed(): string | null {
    return this.startCursor;
  }
  [Symbol.asyncIterator]() {
    this.startCursor = 'begun';
    return batches(1, 2)();
  }
  close(): Promise<void> {
    this.closed++;
    return Promise.resolve();
  }
}

async function read(subscription: Subscription): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const batch of subscription) found.push(batch);
  return found;
}

test('what is not replaced is the inner one, also where it changes', async () => {
  const inner = new Inner();
  const outer = wrapSubscription(inner, {});
  expect(outer.startCursor).toBeNull();
  expect(await read(outer)).toEqual([1, 2]);
  const { passed } = outer;
  expect([outer.startCursor, passed?.(), outer.ready]).toEqual(['begun', 'begun', inner.ready]);
  await outer.close();
  expect(inner.closed).toBe(1);
});

test('what is replaced is not asked of the inner one', async () => {
  const inner = new Inner();
  const close = vi.fn(() => Promise.resolve());
  const own = { close, passed: () => 'own', [Symbol.asyncIterator]: batches(3) };
  const outer = wrapSubscription(inner, own);
  expect([await read(outer), outer.passed?.(), outer.startCursor]).toEqual([[3], 'own', null]);
  await outer.close();
  expect([close.mock.calls.length, inner.closed]).toEqual([1, 0]);
});

test('what is absent stays absent', () => {
  const inner: Subscription = {
    startCursor: null,
    close: () => Promise.resolve(),
    [Symbol.asyncIterator]: batches(),
  };
  const outer = wrapSubscription(inner, {});
  expect([outer.ready, outer.passed]).toEqual([undefined, undefined]);
});
