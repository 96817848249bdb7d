import assert from 'node:assert/strict';
import type { Delivery, Subscription } from '../contract/delivery.js';
import type { Message } from '../contract/message.js';
import type { EndpointHarness } from './endpoint-harness.js';
import { pause, within } from './wait.js';

/** Where a message lies, as far as order is promised. */
export function partitionOf({ metadata }: Message): string {
  return `${metadata.topic ?? ''}@${metadata.partition ?? 0}`;
}

/** Reads one subscription for the conformance suite; checks on the way what holds for every batch. */
export class Reader {
  /** Everything handed out so far. */
  readonly deliveries: Delivery[] = [];
  readonly #iterator: AsyncIterator<readonly Delivery[]>;
  #pull: Promise<IteratorResult<readonly Delivery[]>> | undefined;

  constructor(
    readonly subscription: Subscription,
    private readonly harness: EndpointHarness,
  ) {
    this.#iterator = subscription[Symbol.asyncIterator]();
  }

  /** The numbers of the messages handed out, in order. */
  get numbers(): readonly number[] {
    return this.deliveries.map(({ message }) => this.harness.numberOf(message));
  }

  /** Pulls until at least `count` deliveries have been handed out in all. */
  async arrive(count: number): Promise<void> {
    while (this.deliveries.length < count) {
      const what = `delivery ${this.deliveries.length + 1} of ${count}`;
      const more = await within(this.#next(), this.#patienceMs, what);
      assert.ok(more, `the subscription ended after ${this.deliveries.length} of ${count} deliveries`);
    }
  }

  /** Pulls, and holds that nothing is handed out for a while. */
  async quiet(): Promise<void> {
    const before = this.deliveries.length;
    await Promise.race([this.#next(), pause(this.harness.quietMs ?? 100)]);
    assert.deepEqual(this.numbers.slice(before), [], 'nothing more should be handed out');
  }

  /** Pulls without waiting for the outcome. */
  pull(): void {
    this.#next().catch(() => undefined);
  }

  /** Pulls until the iteration ends. @throws what the iteration throws */
  async end(): Promise<void> {
    const all = async () => {
      while (await this.#next());
    };
    await within(all(), this.#patienceMs, 'the end of the iteration');
  }

  ackAll(): void {
    for (const delivery of this.deliveries) delivery.ack();
  }

  async close(): Promise<void> {
    await within(this.subscription.close(), this.#patienceMs, 'close()');
  }

  get #patienceMs(): number {
    return this.harness.patienceMs ?? 5000;
  }

  /** False at the end. A pull that was given up on is taken up again. */
  async #next(): Promise<boolean> {
    this.#pull ??= this.#iterator.next().then((result) => {
      if (result.done !== true) {
        assert.ok(result.value.length > 0, 'a batch has at least one delivery');
        this.deliveries.push(...result.value);
      }
      return result;
    });
    const pulled = this.#pull;
    const result = await pulled;
    if (this.#pull === pulled) this.#pull = undefined;
    return result.done !== true;
  }
}

/** Holds that within each partition the numbers rise. */
export function assertOrdered(deliveries: readonly Delivery[], harness: EndpointHarness): void {
  const last = new Map<string, number>();
  for (const { message } of deliveries) {
    const number = harness.numberOf(message);
    const before = last.get(partitionOf(message)) ?? -1;
    assert.ok(number > before, `message ${number} came after ${before} of the same partition`);
    last.set(partitionOf(message), number);
  }
}

/** Holds that exactly these numbers came, in any order. */
export function assertNumbers(reader: Reader, expected: readonly number[]): void {
  const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);
  assert.deepEqual(sorted(reader.numbers), sorted(expected));
}

/** The numbers from `from` to below `to`. */
export function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}
