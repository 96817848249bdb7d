import type { ExecutionContext } from '../../contract/context.js';
import type { Delivery, Subscription } from '../../contract/delivery.js';
import type { PublishResult } from '../../contract/endpoint.js';
import { SluiceError } from '../../contract/errors.js';
import type { Message } from '../../contract/message.js';
import type { MaybePromise } from '../../contract/policy.js';
import { wrapSubscription } from '../../contract/wrap-subscription.js';
import { type MessageStep, runSteps } from './step.js';

/**
 * Publishes what the steps leave. A message that a step drops counts as taken; one that a step fails on is not
 * published and has the step's error as its result. Order is kept.
 */
export async function publishThrough(
  steps: readonly MessageStep[],
  messages: readonly Message[],
  ctx: ExecutionContext,
  publish: (messages: readonly Message[]) => Promise<readonly PublishResult[]>,
): Promise<readonly PublishResult[]> {
  const results: PublishResult[] = [];
  const left: Message[] = [];
  /** Where the results of those left belong. */
  const places: number[] = [];
  for (let index = 0; index < messages.length; index++) {
    try {
      const next = runSteps(steps, messages[index] as Message, ctx);
      const changed = next instanceof Promise ? await next : next;
      if (changed === null) results[index] = { ok: true, storedAt: [] };
      else {
        left.push(changed);
        places.push(index);
      }
    } catch (thrown) {
      results[index] = { ok: false, error: SluiceError.from(thrown) };
    }
  }
  if (left.length === 0) return results;
  const published = await publish(left);
  if (left.length === messages.length) return published;
  for (const [at, index] of places.entries()) results[index] = published[at] as PublishResult;
  return results;
}

/** What steps have let through waits at most this long for the rest of its batch. */
const HAND_ON_AFTER_MS = 20;

/**
 * A subscription whose messages go through steps, one after the other. What a step drops is acknowledged; what it
 * fails on is handed out with the error and without the message's content.
 */
export function subscribeThrough(
  steps: readonly MessageStep[],
  subscription: Subscription,
  ctx: ExecutionContext,
): Subscription {
  /** Everything up to it has been handed out or dropped. */
  let last: Delivery | undefined;
  /** Whether nothing of a batch is still to go through. */
  let isThrough = true;
  return wrapSubscription(subscription, {
    passed: () => (isThrough ? subscription.passed?.() : undefined) ?? last?.cursor ?? null,
    async *[Symbol.asyncIterator]() {
      for await (const batch of subscription) {
        let left: Delivery[] = [];
        let begun = performance.now();
        isThrough = false;
        for (const delivery of batch) {
          const next = through(steps, delivery, ctx);
          const changed = next instanceof Promise ? await next : next;
          if (changed === null) delivery.ack();
          else left.push(changed);
          if (left.length > 0 && performance.now() - begun < HAND_ON_AFTER_MS) continue;
          last = delivery;
          if (left.length === 0) continue;
          yield left;
          left = [];
          begun = performance.now();
        }
        last = batch.at(-1);
        isThrough = true;
        if (left.length > 0) yield left;
      }
    },
  });
}

function through(
  steps: readonly MessageStep[],
  delivery: Delivery,
  ctx: ExecutionContext,
): MaybePromise<Delivery | null> {
  const handOn = (message: Message | null) => (message === null ? null : withMessage(delivery, message));
  const fail = (thrown: unknown) => {
    const error = SluiceError.from(thrown);
    ctx.log[error.level]({ key: error.code, message: delivery.message.id, ...error.logged }, error.message);
    return withMessage(delivery, { ...EMPTY, id: delivery.message.id }, error);
  };
  try {
    const changed = runSteps(steps, delivery.message, ctx);
    return changed instanceof Promise ? changed.then(handOn, fail) : handOn(changed);
  } catch (thrown) {
    return fail(thrown);
  }
}

const EMPTY: Message = { id: '', key: null, content: null, headers: [], timestampMs: 0, metadata: {} };

function withMessage(delivery: Delivery, message: Message, error?: SluiceError): Delivery {
  if (message === delivery.message) return delivery;
  return {
    message,
    original: delivery.original ?? delivery.message,
    ...(error === undefined ? {} : { error }),
    // Both asked for when they matter, not when the copy is made.
    get cursor() {
      return delivery.cursor;
    },
    get stale() {
      return delivery.stale === true;
    },
    ack: () => delivery.ack(),
    nack: (reason) => delivery.nack(reason),
  };
}
