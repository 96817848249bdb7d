import type { ExecutionContext } from '../contract/context.js';
import type { SubscribeRequest, Subscription } from '../contract/delivery.js';
import type { EndpointConnector, PublishResult } from '../contract/endpoint.js';
import { SluiceError } from '../contract/errors.js';
import { exceedsBounds } from '../contract/header-bounds.js';
import type { Message } from '../contract/message.js';
import type { MaybePromise } from '../contract/policy.js';
import type { Qos } from '../contract/qos.js';
import { wrapSubscription } from '../contract/wrap-subscription.js';
import type { OpenStreams } from '../telemetry/open-streams.js';
import type { ExchangeFlows } from './flow/flow-engine.js';
import { publishThrough, subscribeThrough } from './flow/message-flow.js';
import type { MessageStep } from './flow/step.js';
import { publishBounded } from './header-bounds.js';

/**
 * The way of messages between an entrypoint and the endpoint it was bound to when the API was deployed: through the
 * steps of the exchange's flows, where there are any. Without steps the endpoint's own batches reach the entrypoint.
 */
export class Pipeline {
  constructor(
    readonly qos: Qos,
    private readonly endpoint: EndpointConnector,
    /** Of what is published: an entrypoint that also reads has one level, which is about reading. */
    private readonly publishQos: Qos = qos,
    private readonly streams?: OpenStreams,
  ) {}

  /** @throws SluiceError when the endpoint breaks its promise of one result a message */
  publish(
    ctx: ExecutionContext,
    flows: ExchangeFlows,
    messages: readonly Message[],
  ): Promise<readonly PublishResult[]> {
    const found = flows.messages('publish', ctx);
    if (found === undefined) return this.#store(ctx, messages);
    return this.#publishThrough(found, ctx, messages);
  }

  /** @param onClosed called once, when it is closed, or could not be made */
  async subscribe(
    ctx: ExecutionContext,
    flows: ExchangeFlows,
    request: Omit<SubscribeRequest, 'qos'>,
    onClosed?: () => void,
  ): Promise<Subscription> {
    try {
      const steps = await flows.messages('subscribe', ctx);
      const made = await this.endpoint.subscribe(ctx, { ...request, qos: this.qos });
      const subscription = this.#counted(made, ctx, onClosed);
      return steps === undefined ? subscription : subscribeThrough(steps, subscription, ctx);
    } catch (error) {
      onClosed?.();
      throw error;
    }
  }

  async #publishThrough(
    found: MaybePromise<readonly MessageStep[] | undefined>,
    ctx: ExecutionContext,
    messages: readonly Message[],
  ): Promise<readonly PublishResult[]> {
    const steps = found instanceof Promise ? await found : found;
    if (steps === undefined) return await this.#store(ctx, messages);
    return await publishThrough(steps, messages, ctx, (left) => this.#store(ctx, left));
  }

  /** Its end is counted, and rejects never: entrypoints close where nobody waits for it. */
  #counted(subscription: Subscription, ctx: ExecutionContext, onClosed?: () => void): Subscription {
    const counted = this.streams?.open();
    if (counted === undefined && onClosed === undefined) return subscription;
    let isClosed = false;
    const closed = () => {
      if (isClosed) return;
      isClosed = true;
      counted?.();
      onClosed?.();
    };
    return wrapSubscription(subscription, {
      close: async () => {
        try {
          await subscription.close();
        } catch (error) {
          ctx.log.error({ err: error }, 'an endpoint failed to close a subscription');
        } finally {
          closed();
        }
      },
    });
  }

  /** What waits for the endpoint does not hold the messages: their contents are as large as everything else of a request. */
  #store(ctx: ExecutionContext, messages: readonly Message[]): Promise<readonly PublishResult[]> {
    if (messages.some(exceedsBounds)) return publishBounded(messages, (within) => this.#store(ctx, within));
    const count = messages.length;
    return this.endpoint.publish(ctx, messages, { qos: this.publishQos }).then((results) => {
      if (results.length === count) return results;
      const cause = new Error(`the endpoint gave ${results.length} results for ${count} messages`);
      throw new SluiceError('INTERNAL_ERROR', { cause });
    });
  }
}
