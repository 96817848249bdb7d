import type { ExecutionContext } from '../contract/context.js';
import type { SubscribeRequest, Subscription } from '../contract/delivery.js';
import type { EndpointConnector, EndpointHealth, PublishResult } from '../contract/endpoint.js';
import { SluiceError } from '../contract/errors.js';
import type { Message } from '../contract/message.js';
import type { Qos } from '../contract/qos.js';
import type { Faults, SeenSubscribe } from './faults.js';
import { FaultySubscription, type SeenDeliveries } from './faulty-subscription.js';
import { MemoryEndpoint } from './memory-endpoint.js';
import { pause } from './wait.js';

/** An endpoint that goes wrong in chosen ways, and says what was asked of it. */
export class FaultyEndpoint implements EndpointConnector {
  /** What was handed to `publish`, refused messages included, in order. */
  readonly offered: Message[] = [];
  /** The level of each call of `publish`. */
  readonly publishQos: Qos[] = [];
  /** Every call of `subscribe`, refused ones included. */
  readonly subscribes: SeenSubscribe[] = [];
  /** What became of deliveries. */
  readonly deliveries: SeenDeliveries = { delivered: 0, acked: [], nacked: [] };
  /** How many subscriptions were opened, and how many are open now. */
  openedSubscriptions = 0;
  openSubscriptions = 0;
  /** How many publishes hang now. */
  hanging = 0;
  readonly #released: Promise<void>;
  #release = () => {};
  #publishes = 0;

  constructor(
    private readonly inner: EndpointConnector,
    private readonly faults: Faults,
  ) {
    this.#released = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  async publish(
    ctx: ExecutionContext,
    messages: readonly Message[],
    options: { readonly qos: Qos },
  ): Promise<readonly PublishResult[]> {
    const first = this.offered.length;
    this.publishQos.push(options.qos);
    this.offered.push(...messages);
    if (this.faults.hangPublish?.(this.#publishes++) === true) {
      this.hanging++;
      await this.#released;
      this.hanging--;
    }
    if (this.faults.publishDelayMs !== undefined) await pause(this.faults.publishDelayMs);
    const results: PublishResult[] = [];
    for (const [index, message] of messages.entries()) {
      const refusal = this.faults.refusePublish?.(message, first + index);
      if (refusal === undefined) results.push(...(await this.inner.publish(ctx, [message], options)));
      else results.push({ ok: false, error: SluiceError.from(refusal) });
    }
    return results;
  }

  async subscribe(ctx: ExecutionContext, request: SubscribeRequest): Promise<Subscription> {
    const call = this.subscribes.push({ ctx, request }) - 1;
    if (this.faults.subscribeDelayMs !== undefined) await pause(this.faults.subscribeDelayMs);
    const refusal = this.faults.refuseSubscribe?.(call);
    if (refusal !== undefined) throw refusal;
    const inner = await this.inner.subscribe(ctx, request);
    this.openedSubscriptions++;
    this.openSubscriptions++;
    const closed = () => this.openSubscriptions--;
    return new FaultySubscription(inner, this.faults, request, this.deliveries, closed);
  }

  health(): EndpointHealth {
    return this.inner.health();
  }

  /** Lets every publish that hangs go on. */
  release(): void {
    this.#release();
  }

  async stop(timeoutMs: number): Promise<void> {
    this.release();
    await this.inner.stop(timeoutMs);
  }
}

/** Puts faults in front of an endpoint, or in front of a memory endpoint that holds the given messages. */
export function faultyEndpoint(
  inner: EndpointConnector | readonly Message[],
  faults: Faults = {},
): FaultyEndpoint {
  const endpoint = 'publish' in inner ? inner : new MemoryEndpoint({ messages: inner });
  return new FaultyEndpoint(endpoint, faults);
}
