import type { Delivery } from '@sluice/core';

/** What a client with acknowledgements has been sent and has not settled yet, by the id of each message. */
export class Unsettled {
  readonly #deliveries = new Map<string, Delivery>();

  /** Bounded by `maxInFlight`: the endpoint hands out no more. */
  add(batch: readonly Delivery[]): void {
    for (const delivery of batch)
      if (delivery.cursor !== null) this.#deliveries.set(delivery.cursor, delivery);
  }

  /** Settles messages; an id that is not open, such as one acknowledged before, is passed over. */
  settle(ids: readonly string[], received: boolean): void {
    for (const id of ids) {
      const delivery = this.#deliveries.get(id);
      if (delivery === undefined) continue;
      this.#deliveries.delete(id);
      if (received) delivery.ack();
      else delivery.nack(new Error('the client did not acknowledge the message'));
    }
  }
}
