import {
  type AttemptLog,
  type Delivery,
  type ExecutionContext,
  type Message,
  pause,
  SluiceError,
  type SubscriptionHost,
  secretFrom,
} from '@sluice/core';
import type { WebhookConfig } from './config.js';
import { deadLetter, type GivenUp } from './dead-letter.js';
import { nextDelayMs } from './retry.js';
import type { CallResult, Sender } from './sender.js';
import type { SubscriberConfig } from './subscriber.js';

/** What one subscription's deliveries work with. */
export interface DeliverParts {
  readonly ctx: ExecutionContext;
  readonly host: Pick<SubscriptionHost, 'qos' | 'deadLetter' | 'skip'>;
  readonly attempts: AttemptLog;
  readonly config: WebhookConfig;
  readonly subscriber: SubscriberConfig;
  readonly sender: Pick<Sender, 'send'>;
  /** Aborted when nothing new is to begin. */
  readonly stopping: AbortSignal;
}

/** Why the subscription must stop, and the id of the message that is the reason, if one is; undefined while all is well. */
export type Fatal = { readonly reason: SluiceError; readonly message?: string } | undefined;

type Failed = Extract<CallResult, { ok: false }>;

/** Answers that say that the message cannot be taken, whoever sends it (RFC 9110 §15.5, RFC 6585 §5). */
const REFUSED_MESSAGE = new Set([400, 413, 414, 415, 422, 431]);

/** Between two tries to store a dead letter. */
const DEAD_LETTER_BACKOFF_MS = { first: 250, most: 30_000 };

/**
 * Delivers one message: calls, waits, calls again, gives up; and settles it once it is known to be with the callback
 * or with the dead letters. It is left unsettled when the subscription stops before that, and at a {@link Fatal}.
 */
export async function deliver(delivery: Delivery, parts: DeliverParts): Promise<Fatal> {
  const { ctx, host, attempts, subscriber, sender, stopping } = parts;
  const { message } = delivery;
  // Only then does it come again; at the other levels it counts as received already.
  const comesAgain = host.qos === 'at-least-once';
  const known = attempts.get(message.id);
  let count = known?.count ?? 0;
  const sinceMs = known?.sinceMs ?? Date.now();
  const left = () => {
    if (!comesAgain) return false;
    // It has another reader now; should it come back to this one, it is to be handed out again.
    if (delivery.stale === true) delivery.nack(new Error('the partition has another reader'));
    return stopping.aborted || delivery.stale === true;
  };
  if (left()) return undefined;
  if (message.id === host.skip) {
    ctx.log.warn(
      { message: message.id },
      'a message is left out, as the subscription was resumed without it',
    );
    delivery.ack();
    return undefined;
  }
  if (delivery.error !== undefined) {
    const { code, message: reason } = delivery.error;
    const why = { key: code, reason, attempts: count, error: delivery.error };
    return await giveUp(delivery, why, 'exception', parts);
  }
  for (;;) {
    if (left()) return undefined;
    const result = await sender.send(message, ctx.signal);
    if (result.ok) {
      delivery.ack();
      if (count > 0) attempts.forget(message.id);
      return undefined;
    }
    const cut = ctx.signal.aborted;
    if (cut && comesAgain) return undefined;
    count++;
    const asGone = result.answered && result.status === 410;
    if (asGone) return { reason: errorOf(result.status, 'the callback is gone (410)') };
    if (comesAgain) await attempts.set(message.id, { count, sinceMs });
    const delayMs = retryDelayMs(result, { count, sinceMs }, parts);
    ctx.log.debug(
      { message: message.id, attempt: count, retryInMs: delayMs, status: result.status },
      result.detail,
    );
    if (delayMs !== undefined) await pause(delayMs, stopping);
    if (delayMs !== undefined && (comesAgain || !stopping.aborted)) continue;
    const ended = cut || delayMs !== undefined;
    const detail = ended ? `${result.detail}; the subscription was stopped meanwhile` : result.detail;
    const why = givenUp({ ...result, detail }, count, subscriber.callbackUrl);
    return await giveUp(delivery, why, ended ? 'stop' : kindOf(result), parts);
  }
}

/** Undefined when there is no further call. */
function retryDelayMs(
  result: Failed,
  failed: { readonly count: number; readonly sinceMs: number },
  { host, subscriber }: DeliverParts,
): number | undefined {
  // Whoever may have taken it must not be given it again.
  if (host.qos === 'at-most-once' && result.perhapsTaken) return undefined;
  const { status, retryAfterMs } = result;
  return nextDelayMs(
    subscriber.retry,
    {
      ...failed,
      ...(status === undefined ? {} : { status }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
    Date.now(),
  );
}

/** What is told of a message, and what the subscription ends with where nothing takes it. */
type Why = GivenUp & { readonly error: SluiceError };

function givenUp({ status, detail }: Failed, attempts: number, callbackUrl: string): Why {
  const reason = `${detail}, after ${attempts} call${attempts === 1 ? '' : 's'} of ${placeOf(callbackUrl)}`;
  const error = errorOf(status, reason);
  return {
    key: error.key,
    reason,
    error,
    attempts,
    ...(status === undefined ? {} : { status }),
  };
}

/** Without what may be a token in it. */
function placeOf(callbackUrl: string): string {
  const { origin, pathname, search } = new URL(callbackUrl);
  const place = origin + pathname;
  const secret = secretFrom(place + search) ?? place.length;
  return secret < place.length ? `${place.slice(0, secret)}...` : place;
}

function errorOf(status: number | undefined, message: string): SluiceError {
  return status === undefined
    ? new SluiceError('WEBHOOK_UNREACHABLE', { message })
    : new SluiceError('MESSAGE_PROCESSING_FAILED', { message });
}

/** Whose fault it is that a message was given up. */
type Kind = 'server-error' | 'refused-message' | 'exception' | 'stop';

function kindOf({ answered, status }: Failed): Kind {
  if (!answered) return 'exception';
  return REFUSED_MESSAGE.has(status ?? 0) ? 'refused-message' : 'server-error';
}

/** To the dead letters; without any it ends the subscription, or is dropped where the definition says so. */
async function giveUp(delivery: Delivery, why: Why, kind: Kind, parts: DeliverParts): Promise<Fatal> {
  const { ctx, host, attempts, config } = parts;
  const original = delivery.original ?? delivery.message;
  if (host.deadLetter !== undefined) {
    const of = { api: ctx.api.id, subscription: ctx.subscription.id, nowMs: Date.now() };
    const refused = await store(deadLetter(original, why, of), delivery, parts);
    if (refused !== undefined) return refused.fatal;
    ctx.log.info(
      { message: original.id, key: why.key, attempts: why.attempts },
      'a message went to the dead letters',
    );
  } else {
    const interrupts = {
      'server-error': config.interruptConsumptionOnServerError,
      'refused-message':
        config.interruptConsumptionOnRefusedMessage ?? config.interruptConsumptionOnServerError,
      exception: config.interruptConsumptionOnException,
      // A stop is no failure of the callback.
      stop: false,
    };
    if (interrupts[kind]) return { reason: why.error, message: delivery.message.id };
    ctx.log.warn(
      { message: original.id, key: why.key, attempts: why.attempts },
      `a message is dropped: ${why.reason}`,
    );
  }
  delivery.ack();
  attempts.forget(delivery.message.id);
  return undefined;
}

/** Undefined once it is stored; else it is not, and the subscription ends with `fatal`, or is stopping without one. */
async function store(
  letter: Message,
  delivery: Delivery,
  { ctx, host, stopping }: DeliverParts,
): Promise<{ readonly fatal: Fatal } | undefined> {
  for (
    let waitMs = DEAD_LETTER_BACKOFF_MS.first;
    ;
    waitMs = Math.min(waitMs * 2, DEAD_LETTER_BACKOFF_MS.most)
  ) {
    const result = await host.deadLetter?.(letter).catch((error: unknown) => ({
      ok: false as const,
      error: SluiceError.from(error),
    }));
    if (result === undefined || result.ok) return undefined;
    const { error } = result;
    if (!error.entry.retryable) {
      const message = `a dead letter cannot be stored: ${error.message}`;
      const reason = new SluiceError('MESSAGE_PROCESSING_FAILED', { message, cause: error });
      return { fatal: { reason, message: delivery.message.id } };
    }
    ctx.log.warn(
      { message: delivery.message.id, key: error.key, retryInMs: waitMs },
      'a dead letter is not stored yet',
    );
    await pause(waitMs, stopping);
    if (stopping.aborted) return { fatal: undefined };
  }
}
