import type { Delivery, Subscription } from '../../contract/delivery.js';
import { SluiceError } from '../../contract/errors.js';
import { wrapSubscription } from '../../contract/wrap-subscription.js';

/** The longest time a timer of node can hold; a later end is waited for in several turns. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * A subscription that ends with `CREDENTIAL_EXPIRED` at a time, between two batches or while one is waited for.
 * What was handed out before stays as it is; a batch that was on its way is handed out again to the next reader.
 */
export function endingAt(subscription: Subscription, expiresAtMs: number): Subscription {
  let expired = false;
  let interrupt = () => {};
  let timer: NodeJS.Timeout | undefined;
  const arm = () => {
    const left = expiresAtMs - Date.now();
    if (left <= 0) {
      expired = true;
      interrupt();
    } else timer = setTimeout(arm, Math.min(left, MAX_TIMER_MS));
  };
  arm();
  const close = () => {
    clearTimeout(timer);
    return subscription.close();
  };
  return wrapSubscription(subscription, {
    close,
    [Symbol.asyncIterator]() {
      const batches = subscription[Symbol.asyncIterator]();
      const next = () =>
        new Promise<IteratorResult<readonly Delivery[]>>((resolve, reject) => {
          const end = () => {
            reject(new SluiceError('CREDENTIAL_EXPIRED'));
            void close();
          };
          if (expired) {
            end();
            return;
          }
          interrupt = end;
          batches.next().then(resolve, reject);
        });
      return {
        next,
        async return() {
          await close();
          return { done: true as const, value: undefined };
        },
      };
    },
  });
}
