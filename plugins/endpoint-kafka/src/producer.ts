import { type Message, type PublishResult, type Qos, SluiceError, type StoredAt } from '@sluice/core';
import type Kafka from 'node-rdkafka';
import type { Cluster } from './cluster.js';
import { publishError } from './rdkafka-errors.js';

/** A message on its way: it is stored when every topic has it. */
interface InFlight {
  missing: number;
  readonly storedAt: StoredAt[];
  readonly settle: (result: PublishResult) => void;
}

/** Without progress for this long, polling falls back from every turn of the event loop to a timer. */
const BUSY_POLL_MS = 5;
const IDLE_POLL_MS = 1;
/** Brokers may be away this long before publishes are refused at once instead of waiting for them. */
const REFUSE_AFTER_MS = 2000;

/** Publishes on a cluster's client, and fetches its delivery reports for as long as something is in flight. */
export class RecordProducer {
  #inFlight = 0;
  #polling = false;
  #lastReportMs = 0;
  #idle: (() => void)[] = [];

  constructor(private readonly cluster: Cluster) {
    cluster.onClient((client) => {
      client.on('delivery-report', (error: unknown, report: Kafka.DeliveryReport) => {
        this.#onReport(error, report);
      });
    });
  }

  /**
   * Sends each message to each of its topics, in order; one whose topics cannot be told fails alone. With qos `none` a message counts as stored once it is queued; its
   * delivery may still fail.
   */
  async publish(
    messages: readonly Message[],
    topicsOf: (message: Message) => readonly string[],
    keyOf: (message: Message) => Buffer | null,
    qos: Qos,
  ): Promise<readonly PublishResult[]> {
    let client: Kafka.Producer;
    try {
      client = await this.cluster.client();
      if (this.cluster.downForMs > REFUSE_AFTER_MS) throw new SluiceError('ENDPOINT_UNAVAILABLE');
    } catch (thrown) {
      const error = SluiceError.from(thrown);
      return messages.map(() => ({ ok: false, error }));
    }
    const results = messages.map((message) => {
      try {
        return this.#send(client, message, topicsOf(message), keyOf(message), qos);
      } catch (thrown) {
        return { ok: false, error: SluiceError.from(thrown) } as const;
      }
    });
    this.#poll();
    return await Promise.all(results);
  }

  /** Resolves when nothing is in flight, or after `timeoutMs`. */
  async drained(timeoutMs: number): Promise<void> {
    if (this.#inFlight === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([new Promise<void>((resolve) => this.#idle.push(resolve)), late]);
    clearTimeout(timer);
  }

  #send(
    client: Kafka.Producer,
    message: Message,
    topics: readonly string[],
    key: Buffer | null,
    qos: Qos,
  ): Promise<PublishResult> | PublishResult {
    const headers = message.headers.map(([name, value]) => ({ [name]: value })) as Kafka.MessageHeader[];
    let settle: (result: PublishResult) => void = () => {};
    const stored = new Promise<PublishResult>((resolve) => {
      settle = resolve;
    });
    const flight: InFlight = { missing: topics.length, storedAt: [], settle };
    for (const topic of topics) {
      try {
        client.produce(topic, null, message.content, key, null, flight, headers);
        this.#inFlight++;
      } catch (error) {
        return { ok: false, error: topic === topics[0] ? publishError(error) : partlySent(error) };
      }
    }
    return qos === 'none' ? { ok: true, storedAt: [] } : stored;
  }

  #onReport(error: unknown, report: Kafka.DeliveryReport): void {
    this.#inFlight--;
    this.#lastReportMs = performance.now();
    const flight = report.opaque as InFlight;
    if (error !== null && error !== undefined) flight.settle({ ok: false, error: publishError(error) });
    else {
      const { topic, partition, offset } = report;
      flight.storedAt.push({ topic, partition, offset });
      if (--flight.missing === 0) flight.settle({ ok: true, storedAt: flight.storedAt });
    }
    if (this.#inFlight === 0) {
      for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  #poll(): void {
    if (this.#polling) return;
    this.#polling = true;
    this.#lastReportMs = performance.now();
    const turn = () => {
      if (this.#inFlight === 0) {
        this.#polling = false;
        return;
      }
      try {
        this.cluster.clientNow().poll();
      } catch {
        // The client is being closed: its disconnect delivers the last reports.
        this.#polling = false;
        return;
      }
      if (performance.now() - this.#lastReportMs < BUSY_POLL_MS) setImmediate(turn);
      else setTimeout(turn, IDLE_POLL_MS);
    };
    setImmediate(turn);
  }
}

/** A topic refused what another had already taken: to say "not stored" would be wrong. */
function partlySent(cause: unknown): SluiceError {
  const message = 'The message was not taken for every topic; some of them may have it';
  return new SluiceError('PUBLISH_TIMEOUT', { message, cause });
}
