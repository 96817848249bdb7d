import {
  type Logger,
  type Message,
  type MessagingTelemetry,
  type PublishResult,
  SluiceError,
  type Span,
  type StoredAt,
} from '@sluice/core';
import type Kafka from 'node-rdkafka';
import type { Cluster } from './cluster.js';
import type { PartitionChoice } from './partition-choice.js';
import { publishError } from './rdkafka-errors.js';
import type { RecordPlan } from './record-plan.js';
import { withTrace } from './telemetry/trace-headers.js';

/** A message on its way: it is stored when every topic has it. */
interface InFlight {
  missing: number;
  readonly storedAt: StoredAt[];
  readonly settle: (result: PublishResult) => void;
  /** Whether the client waits for it; else nobody but the log is told of a failure. */
  readonly awaited: boolean;
  /** On the clock of `performance.now()`. */
  readonly begunAt: number;
  readonly bytes: number;
}

/** How a publish is done. */
export interface PublishOptions {
  readonly awaits: boolean;
  /** Begins the span of it, once its topics are known; absent while tracing is off. */
  readonly begin?: (topics: readonly string[]) => Span | undefined;
}

/** Without progress for this long, polling falls back from every turn of the event loop to a timer. */
const BUSY_POLL_MS = 5;
const IDLE_POLL_MS = 1;
/** Brokers may be away this long before publishes are refused at once instead of waiting for them. */
const REFUSE_AFTER_MS = 2000;
/** What was lost after it had been answered is logged together, this often at most. */
const TELL_LOST_MS = 1000;

/** Publishes on a cluster's client, and fetches its delivery reports for as long as something is in flight. */
export class RecordProducer {
  #inFlight = 0;
  #polling = false;
  #lastReportMs = 0;
  #idle: (() => void)[] = [];

  #lost = 0;
  #lostTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly cluster: Cluster,
    private readonly choice: PartitionChoice,
    private readonly log: Logger,
    private readonly messaging: MessagingTelemetry,
  ) {
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
  async publish(
    messages: readonly Message[],
    planOf: (message: Message) => RecordPlan,
    options: PublishOptions,
  ): Promise<readonly PublishResult[]> {
    const begunAt = performance.now();
    const plans = messages.map((message) => planned(() => planOf(message)));
    const span = options.begin?.(topicsOf(plans));
    let client: Kafka.Producer;
    try {
      client = this.cluster.connected ?? (await this.cluster.client());
      if (this.cluster.downForMs > REFUSE_AFTER_MS) throw new SluiceError('ENDPOINT_UNAVAILABLE');
    } catch (thrown) {
      const error = SluiceError.from(thrown);
      span?.end({}, error.key);
      return plans.map((plan) => this.#refused(plan, error, begunAt));
    }
    if (this.choice.isNeeded) await this.#knowPartitions(plans);
    const sent = messages.map((message, index) => {
      const plan = plans[index] as RecordPlan | SluiceError;
      if (plan instanceof SluiceError) return { ok: false, error: plan } as const;
      const traced = span === undefined ? plan : { ...plan, headers: withTrace(plan.headers, span.context) };
      return this.#send(client, message, traced, { awaited: options.awaits, begunAt });
    });
    this.#poll();
    const [only] = sent;
    const results = sent.length === 1 && only !== undefined ? [await only] : await Promise.all(sent);
    endSpan(span, results);
    return results;
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

  async #knowPartitions(plans: readonly (RecordPlan | SluiceError)[]): Promise<void> {
    // Without an answer librdkafka chooses: to publish matters more than where.
    await Promise.all(topicsOf(plans).map((topic) => this.choice.know(topic).catch(() => {})));
  }

  #send(
    client: Kafka.Producer,
    message: Message,
    plan: RecordPlan,
    { awaited, begunAt }: { readonly awaited: boolean; readonly begunAt: number },
  ): Promise<PublishResult> | PublishResult {
    const { topics, key, timestampMs } = plan;
    const headers =
      plan.headers.length === 0
        ? undefined
        : (plan.headers.map(([name, value]) => ({ [name]: value })) as Kafka.MessageHeader[]);
    let settle: (result: PublishResult) => void = () => {};
    const stored = new Promise<PublishResult>((resolve) => {
      settle = resolve;
    });
    const bytes = message.content?.length ?? 0;
    const flight: InFlight = { missing: topics.length, storedAt: [], settle, awaited, begunAt, bytes };
    for (const topic of topics) {
      try {
        const partition = plan.partition ?? this.choice.of(topic, key);
        client.produce(topic, partition, message.content, key, timestampMs, flight, headers);
        this.#inFlight++;
      } catch (error) {
        const told = topic === topics[0] ? publishError(error) : partlySent(error);
        this.messaging.topic(topic)?.failed(secondsSince(begunAt), publishError(error).key);
        return { ok: false, error: told };
      }
    }
    return awaited ? stored : { ok: true, storedAt: [] };
  }

  #refused(plan: RecordPlan | SluiceError, error: SluiceError, begunAt: number): PublishResult {
    if (plan instanceof SluiceError) return { ok: false, error: plan };
    for (const topic of plan.topics) this.messaging.topic(topic)?.failed(secondsSince(begunAt), error.key);
    return { ok: false, error };
  }

  #onReport(error: unknown, report: Kafka.DeliveryReport): void {
    this.#inFlight--;
    this.#lastReportMs = performance.now();
    const flight = report.opaque as InFlight;
    const seconds = (this.#lastReportMs - flight.begunAt) / 1000;
    const meter = this.messaging.topic(report.topic);
    if (error !== null && error !== undefined) {
      const failure = publishError(error);
      meter?.failed(seconds, failure.key);
      flight.settle({ ok: false, error: failure });
      if (!flight.awaited) this.#tellLost(error, report.topic);
    } else {
      const { topic, partition, offset } = report;
      meter?.sent(flight.bytes, seconds);
      // Without acknowledgements the broker tells no offset.
      flight.storedAt.push(offset >= 0 ? { topic, partition, offset } : { topic, partition });
      if (--flight.missing === 0) flight.settle({ ok: true, storedAt: flight.storedAt });
    }
    if (this.#inFlight === 0) {
      for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  #tellLost(error: unknown, topic: string): void {
    this.#lost++;
    this.#lostTimer ??= setTimeout(() => {
      this.log.error(
        { err: error, topic, records: this.#lost },
        'records that had been answered already were not stored',
      );
      this.#lost = 0;
      this.#lostTimer = undefined;
    }, TELL_LOST_MS);
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

function secondsSince(begunAt: number): number {
  return (performance.now() - begunAt) / 1000;
}

function topicsOf(plans: readonly (RecordPlan | SluiceError)[]): readonly string[] {
  return [...new Set(plans.flatMap((plan) => (plan instanceof SluiceError ? [] : plan.topics)))];
}

function endSpan(span: Span | undefined, results: readonly PublishResult[]): void {
  if (span === undefined) return;
  const failed = results.find((result) => !result.ok);
  const [only] = results.length === 1 && results[0]?.ok === true ? results[0].storedAt : [];
  const place =
    only === undefined
      ? {}
      : {
          'messaging.destination.partition.id': String(only.partition),
          ...(only.offset === undefined ? {} : { 'messaging.kafka.offset': only.offset }),
        };
  span.end(place, failed?.ok === false ? failed.error.key : undefined);
}

function planned(plan: () => RecordPlan): RecordPlan | SluiceError {
  try {
    return plan();
  } catch (thrown) {
    return SluiceError.from(thrown);
  }
}

/** A topic refused what another had already taken: to say "not stored" would be wrong. */
function partlySent(cause: unknown): SluiceError {
  const message = 'The message was not taken for every topic; some of them may have it';
  return new SluiceError('PUBLISH_TIMEOUT', { message, cause });
}
