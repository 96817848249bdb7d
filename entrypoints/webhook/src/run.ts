import { setMaxListeners } from 'node:events';
import {
  type Delivery,
  type ExecutionContext,
  type RunEnd,
  SluiceError,
  type Subscription,
  type SubscriptionHost,
} from '@sluice/core';
import type { WebhookConfig } from './config.js';
import { deliver, type Fatal } from './deliver.js';
import { Lanes } from './lanes.js';
import type { Sender } from './sender.js';
import type { SubscriberConfig } from './subscriber.js';

/** What one subscription is run with. */
export interface WebhookRunParts {
  readonly ctx: ExecutionContext;
  readonly host: SubscriptionHost;
  readonly config: WebhookConfig;
  readonly subscriber: SubscriberConfig;
  readonly sender: Sender;
}

/**
 * Reads and delivers until the subscription is stopped, its callback fails it, or the endpoint does. Whichever it is,
 * what is in flight is waited for before the reading is closed, so that it can still be settled.
 * @throws SluiceError of the endpoint
 */
export async function runWebhook(parts: WebhookRunParts): Promise<RunEnd> {
  const { ctx, host, config, subscriber, sender } = parts;
  const { maxConcurrentConnections } = config.http;
  const comesAgain = host.qos === 'at-least-once';
  // What is handed out at the other levels is recorded: no more of it than is delivered at a time.
  const maxInFlight = comesAgain
    ? Math.max(config.maxInFlight, maxConcurrentConnections)
    : maxConcurrentConnections;
  const failed = new AbortController();
  const stopping = AbortSignal.any([host.stopping, failed.signal]);
  setMaxListeners(0, stopping);
  let fatal: Fatal;
  const delivering = { ctx, host, attempts: host.attempts, config, subscriber, sender, stopping };
  const lanes = new Lanes({
    concurrency: maxConcurrentConnections,
    ordered: comesAgain || host.qos === 'at-most-once',
    work: async (delivery) => {
      const why = await deliver(delivery, delivering).catch((error) => ({ reason: SluiceError.from(error) }));
      if (why === undefined) return;
      fatal ??= why;
      failed.abort();
    },
  });
  let subscription: Subscription;
  try {
    subscription = await host.subscribe({
      maxInFlight,
      onGap: (gap) => ctx.log.warn({ ...gap }, 'records were gone before a subscription had read them'),
    });
  } catch (error) {
    await sender.close();
    throw error;
  }
  const batches = subscription[Symbol.asyncIterator]();
  let pulled: Promise<IteratorResult<readonly Delivery[]>> | undefined;
  let finished = false;
  try {
    while (!stopping.aborted && !finished) {
      pulled ??= batches.next();
      const next = await orStopped(pulled, stopping);
      if (next === 'stopped') break;
      pulled = undefined;
      if (next.done === true) finished = true;
      else lanes.add(next.value);
      await orStopped(lanes.room(maxInFlight), stopping);
    }
    await lanes.room(1);
  } catch (error) {
    pulled = undefined;
    // Nothing can be settled any more: waits are ended, calls in flight are let finish.
    failed.abort();
    await lanes.room(1);
    if (fatal === undefined) throw error;
  } finally {
    await subscription.close();
    const last = await pulled?.catch(() => undefined);
    // Handed out while we were ending: where that is recorded nobody else gets it.
    if (last?.done === false && !comesAgain) lanes.add(last.value);
    await lanes.room(1);
    await sender.close();
  }
  if (fatal !== undefined) return { ended: 'failed', ...fatal };
  return { ended: finished && !host.stopping.aborted ? 'finished' : 'stopped' };
}

/**
 * What `work` gives, or `stopped` as soon as the signal is aborted. Nothing of it is left once it has ended: a race with one
 * promise that lives as long as the subscription would keep every round of it.
 */
function orStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T | 'stopped'> {
  if (signal.aborted) return Promise.resolve('stopped');
  return new Promise((resolve, reject) => {
    const stop = () => resolve('stopped');
    signal.addEventListener('abort', stop);
    work.then(
      (value) => {
        signal.removeEventListener('abort', stop);
        resolve(value);
      },
      (error: unknown) => {
        signal.removeEventListener('abort', stop);
        reject(error);
      },
    );
  });
}
