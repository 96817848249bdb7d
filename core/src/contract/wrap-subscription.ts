import type { Subscription } from './delivery.js';

/**
 * A subscription as another, but for what `own` replaces: its end, its batches. What is optional and absent stays so.
 */
export function wrapSubscription(
  inner: Subscription,
  own: Partial<Pick<Subscription, 'close' | 'passed' | typeof Symbol.asyncIterator>>,
): Subscription {
  const { ready, passed } = inner;
  return {
    get startCursor() {
      return inner.startCursor;
    },
    ...(ready === undefined ? {} : { ready }),
    ...(passed === undefined ? {} : { passed: passed.bind(inner) }),
    [Symbol.asyncIterator]: () => inner[Symbol.asyncIterator](),
    close: () => inner.close(),
    ...own,
  };
}
