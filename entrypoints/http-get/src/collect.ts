import {
  type Delivery,
  type EndSignal,
  type EntrypointHost,
  SluiceError,
  type Subscription,
} from '@sluice/core';

/** What bounds a page. */
export interface PageBounds {
  /** The most deliveries, 1 or more. */
  readonly count: number;
  readonly durationMs: number;
  /** The page ends with the delivery at which what `add` returned reaches this. */
  readonly maxBytes: number;
}

/** What was read for a page. */
export interface Collected {
  readonly deliveries: readonly Delivery[];
  /** Where the client goes on; null where the level has no cursor. */
  readonly nextCursor: string | null;
  /** Why the reading ended early. */
  readonly error?: SluiceError;
}

/** Kept back from the time there is for the answer, for policies and the first bytes. */
const ANSWER_MARGIN_MS = 1000;

type Outcome = IteratorResult<readonly Delivery[], unknown>;

const isEnd = (outcome: Outcome): outcome is IteratorReturnResult<unknown> => outcome.done === true;

/**
 * Reads until the page is full, its time is over, the client has gone or the gateway stops. The time counts from when
 * messages can come, and is for new ones: what was stored when the page was asked for is read however long that takes, up
 * to the time there is for the answer. Nothing is settled here.
 *
 * At the levels where handing out is progress already, what is on its way when the page ends still goes into it, for
 * nobody would get it otherwise: such a page may be larger than its bounds by one batch.
 * @param add writes a delivery into the page and returns its size in bytes
 * @throws SluiceError `ENDPOINT_UNAVAILABLE` when messages are stored and none could be read in time
 */
export async function collect(
  subscription: Subscription,
  bounds: PageBounds,
  host: Pick<EntrypointHost, 'qos' | 'answerBy' | 'stopping'>,
  gone: AbortSignal,
  add: (delivery: Delivery) => number,
): Promise<Collected> {
  const deliveries: Delivery[] = [];
  let bytes = 0;
  let cut = false;
  let error: SluiceError | undefined;
  const recordsAtOnce = host.qos !== 'none' && host.qos !== 'at-least-once';
  const full = () => deliveries.length >= bounds.count || bytes >= bounds.maxBytes;
  const take = (batch: readonly Delivery[]) => {
    for (const delivery of batch) {
      if (full() && !recordsAtOnce) {
        cut = true;
        return;
      }
      deliveries.push(delivery);
      bytes += add(delivery);
    }
  };

  const left = host.answerBy - performance.now();
  const latest = host.answerBy - Math.min(ANSWER_MARGIN_MS, left / 4);
  const reading = subscription[Symbol.asyncIterator]();
  let pending: Promise<Outcome> | undefined;
  let arrived: Outcome | undefined;
  let stored = false;
  let isOver = false;
  try {
    const ready = (subscription.ready ?? Promise.resolve()).then(() => 'ready' as const);
    const began = await until(ready, latest, [host.stopping, gone]);
    const end = Math.min(performance.now() + bounds.durationMs, latest);
    const caughtUp = subscription.caughtUp;
    stored = caughtUp !== undefined || began === 'over';
    const allRead = caughtUp?.then(() => {
      stored = false;
      return 'caught up' as const;
    });
    if (began === 'over') isOver = performance.now() >= latest;
    while (began === 'ready' && !full()) {
      if (pending === undefined) {
        arrived = undefined;
        pending = reading.next();
        pending.then(
          (outcome) => {
            arrived = outcome;
          },
          () => {},
        );
      }
      const first = stored && allRead !== undefined ? Promise.race([pending, allRead]) : pending;
      const outcome = await until(first, stored ? latest : end, [host.stopping, gone]);
      if (outcome === 'caught up') continue;
      if (outcome === 'over') {
        isOver = performance.now() >= latest;
        break;
      }
      pending = undefined;
      if (outcome.done === true) break;
      take(outcome.value);
    }
    // It came in the same moment as the end: the cursor would pass it.
    if (!recordsAtOnce && pending !== undefined && arrived !== undefined && !isEnd(arrived))
      take(arrived.value);
    if (recordsAtOnce) {
      const closed = subscription.close();
      for (;;) {
        const outcome = await until(pending ?? reading.next(), latest, [gone]);
        pending = undefined;
        if (outcome === 'over' || outcome.done === true) break;
        take(outcome.value);
      }
      await closed;
    }
  } catch (thrown) {
    error = SluiceError.from(thrown);
  }
  // Its end is that of the subscription, which is closed when the page has been sent.
  pending?.catch(() => undefined);
  const last = deliveries.at(-1)?.cursor ?? null;
  const passed = cut ? null : (subscription.passed?.() ?? null);
  const nextCursor = passed ?? last ?? subscription.startCursor;
  const isStuck = stored && isOver && deliveries.length === 0 && nextCursor === subscription.startCursor;
  if (isStuck && error === undefined) {
    throw new SluiceError('ENDPOINT_UNAVAILABLE', {
      cause: new Error('stored messages were not read in time'),
    });
  }
  return { deliveries, nextCursor, ...(error === undefined ? {} : { error }) };
}

/** What `work` gives, or `over` at a time or when a signal is aborted. */
async function until<T>(work: Promise<T>, end: number, signals: readonly EndSignal[]): Promise<T | 'over'> {
  let timer: NodeJS.Timeout | undefined;
  let over = () => {};
  const ended = new Promise<'over'>((resolve) => {
    over = () => resolve('over');
    timer = setTimeout(over, Math.max(0, end - performance.now()));
  });
  for (const signal of signals) {
    if (signal.aborted) over();
    signal.addEventListener('abort', over);
  }
  try {
    return await Promise.race([work, ended]);
  } finally {
    clearTimeout(timer);
    for (const signal of signals) signal.removeEventListener('abort', over);
  }
}
