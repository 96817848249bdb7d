import type { Delivery, SubscribeRequest, Subscription } from '../contract/delivery.js';
import type { Faults } from './faults.js';
import { pause } from './wait.js';

/** What became of deliveries, over all subscriptions of one endpoint. */
export interface SeenDeliveries {
  /** How many the inner endpoint handed out, dropped ones included. */
  delivered: number;
  /** The ids of messages whose delivery was acknowledged by the reader, repeats kept; the same for nacks. */
  readonly acked: string[];
  readonly nacked: string[];
}

/** A subscription with {@link Faults} put between it and its reader. */
export class FaultySubscription implements Subscription {
  #closed = false;

  constructor(
    private readonly inner: Subscription,
    private readonly faults: Faults,
    private readonly request: SubscribeRequest,
    private readonly seen: SeenDeliveries,
    private readonly onClose: () => void,
  ) {}

  get startCursor(): string | null {
    return this.inner.startCursor;
  }

  get ready(): Promise<void> {
    return this.inner.ready ?? Promise.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Delivery[]> {
    const { gap, batchDelayMs, breakSubscription } = this.faults;
    let delivered = 0;
    let told = gap === undefined;
    if (breakSubscription?.after === 0) throw breakSubscription.error;
    for await (const whole of this.inner) {
      if (batchDelayMs !== undefined) await pause(batchDelayMs);
      if (this.#closed) return;
      const left = (breakSubscription?.after ?? Number.POSITIVE_INFINITY) - delivered;
      const batch = whole.flatMap((delivery) => this.#spoil(delivery)).slice(0, left);
      if (!told && gap !== undefined) this.request.onGap?.(gap);
      told = true;
      delivered += batch.length;
      if (batch.length > 0) yield batch;
      if (breakSubscription !== undefined && delivered >= breakSubscription.after) {
        throw breakSubscription.error;
      }
    }
  }

  async close(): Promise<void> {
    if (!this.#closed) this.onClose();
    this.#closed = true;
    await this.inner.close();
  }

  #spoil(delivery: Delivery): readonly Delivery[] {
    const count = this.seen.delivered++;
    if (this.faults.dropMessage?.(delivery.message, count) === true) {
      delivery.ack();
      return [];
    }
    const observed = this.#observe(delivery);
    return this.faults.repeatMessage?.(delivery.message, count) === true ? [observed, observed] : [observed];
  }

  #observe(delivery: Delivery): Delivery {
    return {
      message: delivery.message,
      cursor: delivery.cursor,
      ack: () => {
        this.seen.acked.push(delivery.message.id);
        delivery.ack();
      },
      nack: (reason) => {
        this.seen.nacked.push(delivery.message.id);
        delivery.nack(reason);
      },
    };
  }
}
