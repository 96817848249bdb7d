import type { Delivery } from '@sluice/core';

/** How deliveries are worked through. */
export interface LaneOptions {
  /** The most at work at a time. */
  readonly concurrency: number;
  /** Whether those of one partition are worked through one after the other. */
  readonly ordered: boolean;
  /** Never rejects. */
  readonly work: (delivery: Delivery) => Promise<void>;
}

/**
 * Deliveries by partition. With order, the next of a partition begins when the one before it is done with; partitions
 * take turns. Holds what it was given until then: who feeds it waits for `room`.
 */
export class Lanes {
  readonly #waiting = new Map<string, Delivery[]>();
  readonly #busy = new Set<string>();
  #working = 0;
  #held = 0;
  #waiters: { readonly most: number; readonly resolve: () => void }[] = [];

  constructor(private readonly options: LaneOptions) {}

  add(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      const name = laneOf(delivery);
      const lane = this.#waiting.get(name);
      if (lane === undefined) this.#waiting.set(name, [delivery]);
      else lane.push(delivery);
      this.#held++;
    }
    this.#begin();
  }

  /** Resolves when fewer than `most` are held. */
  room(most: number): Promise<void> {
    if (this.#held < most) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ most, resolve }));
  }

  #begin(): void {
    for (const [name, lane] of this.#waiting) {
      while (this.#working < this.options.concurrency && !(this.options.ordered && this.#busy.has(name))) {
        const next = lane.shift();
        if (next === undefined) break;
        this.#start(name, next);
      }
      if (lane.length === 0) this.#waiting.delete(name);
      if (this.#working >= this.options.concurrency) return;
    }
  }

  #start(name: string, delivery: Delivery): void {
    this.#working++;
    this.#busy.add(name);
    void this.options.work(delivery).then(() => {
      this.#working--;
      this.#held--;
      this.#busy.delete(name);
      // To the end of the line, so that one partition does not keep the others waiting.
      const lane = this.#waiting.get(name);
      if (lane !== undefined) {
        this.#waiting.delete(name);
        this.#waiting.set(name, lane);
      }
      this.#begin();
      this.#tellWaiters();
    });
  }

  #tellWaiters(): void {
    if (this.#waiters.length === 0) return;
    const left = this.#waiters.filter(({ most }) => this.#held >= most);
    const done = this.#waiters.filter(({ most }) => this.#held < most);
    this.#waiters = left;
    for (const { resolve } of done) resolve();
  }
}

/** The partition of a message, as far as its endpoint tells: without, all are one. */
function laneOf({ message, original }: Delivery): string {
  const { topic = '', partition = '' } = (original ?? message).metadata;
  return `${topic}@${partition}`;
}
