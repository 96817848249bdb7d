import { type EntrypointHost, type Message, type PublishResult, SluiceError } from '@sluice/core';

/** One message of a client, and who is told what became of it. */
interface Waiting {
  readonly message: Message;
  readonly settle: (result: PublishResult) => void;
}

/** The most that is handed to the endpoint at once: enough to keep it busy, and no more to lose sight of. */
const MAX_BATCH = 500;

/**
 * Publishes what a client sends, in the order it came: one batch at a time, so that neither policies nor retries can
 * change the order. What arrives meanwhile is the next batch.
 */
export class OrderedPublisher {
  readonly #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  /**
   * @param maxWaiting above it `full` is called, and `room` once half of it is gone
   */
  constructor(
    private readonly host: Pick<EntrypointHost, 'publish'>,
    private readonly maxWaiting: number,
    private readonly flow: { full(): void; room(): void },
  ) {}

  add(message: Message, settle: (result: PublishResult) => void): void {
    this.#waiting.push({ message, settle });
    if (this.#waiting.length >= this.maxWaiting) this.flow.full();
    this.#running ??= this.#run();
  }

  /** Resolves once everything added has been settled. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // What arrives in the same turn of the event loop is one batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MAX_BATCH);
      if (this.#waiting.length <= this.maxWaiting / 2) this.flow.room();
      const results = await this.#publish(batch);
      for (const [index, { settle }] of batch.entries()) settle(results[index] as PublishResult);
    }
    this.#running = undefined;
  }

  async #publish(batch: readonly Waiting[]): Promise<readonly PublishResult[]> {
    try {
      return await this.host.publish(batch.map(({ message }) => message));
    } catch (thrown) {
      const error = SluiceError.from(thrown);
      return batch.map(() => ({ ok: false, error }));
    }
  }
}
