import type { ExecutionContext } from './context.js';
import type { SubscribeRequest, Subscription } from './delivery.js';
import type { SluiceError } from './errors.js';
import type { Message } from './message.js';
import type { Qos } from './qos.js';

/** Where a stored message lies. */
export interface StoredAt {
  readonly topic: string;
  readonly partition: number;
  /** Absent when the endpoint was not asked to wait for it. */
  readonly offset?: number;
}

/**
 * The fate of one message: stored in every place it goes to, or the reason why we cannot say so. `queued` is true where
 * nobody waited for the store: the message is on its way, and may still be lost.
 */
export type PublishResult =
  | { readonly ok: true; readonly storedAt: readonly StoredAt[]; readonly queued?: true }
  | { readonly ok: false; readonly error: SluiceError };

/** `down`, and `up` with a fault, carry the reason in words fit for an operator, without secrets. */
export interface EndpointHealth {
  readonly status: 'up' | 'down' | 'unknown';
  readonly reason?: string;
}

/**
 * A running endpoint of one deployed API. It never waits without a bound, and never throws on a broker that is
 * away when it is made: that is what `publish` and `subscribe` report.
 */
export interface EndpointConnector {
  /**
   * Stores the messages in order. One result a message, in the same order. With qos `none` a message counts as
   * stored once it is queued; with any other level once the endpoint's store has acknowledged it.
   */
  publish(
    ctx: ExecutionContext,
    messages: readonly Message[],
    options: { readonly qos: Qos },
  ): Promise<readonly PublishResult[]>;

  /**
   * Resolves once the start is known and reading can begin.
   * @throws SluiceError `INVALID_CURSOR`, `CURSOR_EXPIRED`, `ENDPOINT_UNAVAILABLE`, `TOO_MANY_CONSUMERS`
   */
  subscribe(ctx: ExecutionContext, request: SubscribeRequest): Promise<Subscription>;

  health(): EndpointHealth;

  /**
   * What the endpoint's own clients measure of themselves, one object a client, in their own words and without secrets;
   * undefined while that is switched off. Absent where there is nothing of the kind.
   */
  statistics?(): readonly object[] | undefined;

  /** Lets what is in flight finish within `timeoutMs`, then releases everything. Safe to call twice. */
  stop(timeoutMs: number): Promise<void>;
}
