import type { Delivery, Subscription } from './delivery.js';

/** What a wrapped subscription does in its own way. */
type Own = Partial<Pick<Subscription, 'close' | 'passed' | typeof Symbol.asyncIterator>>;

/**
 * A subscription as another, but for what `own` replaces: its end, its batches. What is optional and absent stays so.
 */
export function wrapSubscription(inner: Subscription, own: Own): Subscription {
  return new WrappedSubscription(inner, own);
}

/** A class: each stream has some, and objects with getters of their own have shapes of their own, larger than they are. */
class WrappedSubscription implements Subscription {
  constructor(
    private readonly inner: Subscription,
    private readonly own: Own,
  ) {}

  get startCursor(): string | null {
    return this.inner.startCursor;
  }

  get ready(): Promise<void> | undefined {
    return this.inner.ready;
  }

  get caughtUp(): Promise<void> | undefined {
    return this.inner.caughtUp;
  }

  get passed(): (() => string | null) | undefined {
    return this.own.passed ?? this.inner.passed?.bind(this.inner);
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly Delivery[]> {
    return this.own[Symbol.asyncIterator]?.() ?? this.inner[Symbol.asyncIterator]();
  }

  close(): Promise<void> {
    return this.own.close?.() ?? this.inner.close();
  }
}
