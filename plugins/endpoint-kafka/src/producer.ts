import {
  type Logger,
  type Message,
  type MessagingTelemetry,
  type PublishResult,
  SluiceError,
} from '@sluice/core';
import type Kafka from 'node-rdkafka';
import type { Cluster } from './cluster.js';
import { LostRecords } from './lost-records.js';
import type { PartitionChoice } from './partition-choice.js';
import { Flight, Publishing, type PublishOptions } from './publishing.js';
import type { QueueShares } from './queue-shares.js';
import { publishError } from './rdkafka-errors.js';
import type { RecordPlan } from './record-plan.js';

/** Without progress for this long, polling falls back from every turn of the event loop to a timer. */
const BUSY_POLL_MS = 5;
const IDLE_POLL_MS = 1;
/** Brokers may be away this long before publishes are refused at once instead of waiting for them. */
const REFUSE_AFTER_MS = 2000;

/**
 * Publishes on a cluster's client. What comes in one turn of the event loop is handed to librdkafka together at its
 * end, so that it goes out in few requests; delivery reports are asked for as long as something is in flight.
 */
export class RecordProducer {
  /** Handed over at the end of this turn. */
  #queue: Flight[] = [];
  #inFlight = 0;
  /** Whether the next turn is set; else it may be, by the timer. */
  #isNext = false;
  #later: NodeJS.Timeout | undefined;
  #lastReportMs = 0;
  #idle: (() => void)[] = [];
  readonly #lost: LostRecords;

  constructor(
    private readonly cluster: Cluster,
    private readonly choice: PartitionChoice,
    log: Logger,
    private readonly messaging: MessagingTelemetry,
    private readonly shares: QueueShares,
  ) {
    this.#lost = new LostRecords(log);
    cluster.onClient((client) => {
      client.on('delivery-report', (error: unknown, report: Kafka.DeliveryReport) => {
        this.#onReport(error, report);
      });
    });
  }

  /**
   * Sends each message to each of its topics, in order; one that cannot be planned fails alone. A message that is not
   * awaited counts as stored once it is queued: its delivery may still fail, which is logged.
   */
  publish(
    messages: readonly Message[],
    planOf: (message: Message) => RecordPlan,
    options: PublishOptions,
  ): Promise<readonly PublishResult[]> {
    const publishing = new Publishing(messages.length, options);
    const flights: Flight[] = [];
    const unplanned: { readonly index: number; readonly error: SluiceError }[] = [];
    for (let index = 0; index < messages.length; index++) {
      const message = messages[index] as Message;
      try {
        flights.push(new Flight(publishing, index, message, planOf(message)));
      } catch (thrown) {
        unplanned.push({ index, error: SluiceError.from(thrown) });
      }
    }
    if (options.begin !== undefined) publishing.span = options.begin(topicsOf(flights));
    // Behind the span, which the last result ends.
    for (const { index, error } of unplanned) publishing.settle(index, { ok: false, error });
    if (this.cluster.connected !== undefined && !this.choice.isNeeded) this.#enqueue(flights);
    else void this.#prepare(flights).then(() => this.#enqueue(flights));
    return publishing.done;
  }

  /** Records that no broker has acknowledged yet. */
  get inFlight(): number {
    return this.#inFlight;
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

  /** Waits for what is needed before records can be handed over; where it cannot be had, handing over says so. */
  async #prepare(flights: readonly Flight[]): Promise<void> {
    await this.cluster.client().catch(() => {});
    // Without an answer librdkafka chooses: to publish matters more than where.
    if (this.choice.isNeeded)
      await Promise.all(topicsOf(flights).map((topic) => this.choice.know(topic).catch(() => {})));
  }

  #enqueue(flights: readonly Flight[]): void {
    const refused =
      this.cluster.connected === undefined || this.cluster.downForMs > REFUSE_AFTER_MS
        ? new SluiceError('ENDPOINT_UNAVAILABLE')
        : undefined;
    for (const flight of flights) {
      const { topics, client, bytes } = flight;
      const over = refused ?? this.shares.take(client, topics.length, bytes * topics.length);
      if (over === undefined) {
        this.#queue.push(flight);
        this.#inFlight += topics.length;
      } else this.#refuse(flight, over);
    }
    this.#wake();
  }

  #wake(): void {
    if (this.#isNext) return;
    clearTimeout(this.#later);
    this.#isNext = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    this.#isNext = false;
    if (this.#queue.length > 0) this.#handOver();
    if (this.#inFlight === 0) return;
    const client = this.cluster.connected;
    try {
      client?.poll();
    } catch {
      // The client is being closed: its disconnect delivers the last reports.
      return;
    }
    if (client === undefined) return;
    if (performance.now() - this.#lastReportMs < BUSY_POLL_MS) this.#wake();
    else this.#later = setTimeout(() => this.#wake(), IDLE_POLL_MS);
  };

  #handOver(): void {
    const flights = this.#queue;
    this.#queue = [];
    this.#lastReportMs = performance.now();
    const client = this.cluster.connected;
    for (const flight of flights) {
      if (client !== undefined) this.#produce(client, flight);
      else {
        this.#done(flight, flight.topics.length);
        this.#refuse(flight, new SluiceError('ENDPOINT_UNAVAILABLE'));
      }
    }
    this.#tellIdle();
  }

  #produce(client: Kafka.Producer, flight: Flight): void {
    const handed = flight.take();
    if (handed === undefined) return;
    const { content, plan } = handed;
    const { topics, key, timestampMs, partition, headers } = plan;
    const written =
      headers.length === 0
        ? undefined
        : (headers.map(([name, value]) => ({ [name]: value })) as Kafka.MessageHeader[]);
    for (let at = 0; at < topics.length; at++) {
      const topic = topics[at] as string;
      try {
        const chosen = partition ?? this.choice.of(topic, key);
        client.produce(topic, chosen, content, key, timestampMs, flight, written);
      } catch (thrown) {
        this.#done(flight, topics.length - at);
        const error = publishError(thrown);
        this.messaging.topic(topic)?.failed(secondsSince(flight.begunAt), error.key);
        flight.failed(at === 0 ? error : partlySent(thrown));
        return;
      }
    }
    flight.queued();
  }

  /** So many of its records wait no longer. */
  #done({ client, bytes }: Flight, records: number): void {
    this.#inFlight -= records;
    this.shares.give(client, records, bytes * records);
  }

  #refuse(flight: Flight, error: SluiceError): void {
    for (const topic of flight.topics)
      this.messaging.topic(topic)?.failed(secondsSince(flight.begunAt), error.key);
    flight.failed(error);
  }

  #onReport(error: unknown, report: Kafka.DeliveryReport): void {
    this.#lastReportMs = performance.now();
    const flight = report.opaque as Flight;
    this.#done(flight, 1);
    const seconds = (this.#lastReportMs - flight.begunAt) / 1000;
    const { topic, partition, offset } = report;
    const meter = this.messaging.topic(topic);
    if (error !== null && error !== undefined) {
      const failure = publishError(error, partition, this.cluster.downForMs === 0);
      meter?.failed(seconds, failure.key);
      flight.failed(failure);
      if (!flight.awaited) this.#lost.add(error, topic);
    } else {
      meter?.sent(flight.bytes, seconds);
      // Without acknowledgements the broker tells no offset.
      flight.stored(offset >= 0 ? { topic, partition, offset } : { topic, partition });
    }
    this.#tellIdle();
  }

  #tellIdle(): void {
    if (this.#inFlight > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

function secondsSince(begunAt: number): number {
  return (performance.now() - begunAt) / 1000;
}

function topicsOf(flights: readonly Flight[]): readonly string[] {
  return [...new Set(flights.flatMap(({ topics }) => topics))];
}

/** A topic refused what another had already taken: to say "not stored" would be wrong. */
function partlySent(cause: unknown): SluiceError {
  const message = 'The message was not taken for every topic; some of them may have it';
  return new SluiceError('PUBLISH_TIMEOUT', { message, cause });
}
