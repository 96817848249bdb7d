import type { Message, PublishResult, SluiceError, Span, StoredAt } from '@sluice/core';
import type { RecordPlan } from './record-plan.js';
import { withTrace } from './telemetry/trace-headers.js';

/** How a publish is done. */
export interface PublishOptions {
  /** Whether the client waits for the brokers; else a message counts as stored once librdkafka has it. */
  readonly awaits: boolean;
  /** Whose share it is counted in; absent where no client has a say in it. */
  readonly client?: string;
  /** Begins the span of it, once its topics are known; absent while tracing is off. */
  readonly begin?: (topics: readonly string[]) => Span | undefined;
  /** Called when everything has its result. */
  readonly settled: () => void;
}

/** One publish on its way: messages that were handed over together, each with a result in its place. */
export class Publishing {
  /** On the clock of `performance.now()`. */
  readonly begunAt = performance.now();
  /** Resolves when each message has its result. */
  readonly done: Promise<readonly PublishResult[]>;
  span: Span | undefined;
  readonly #results: PublishResult[] = [];
  #missing: number;
  #resolve: (results: readonly PublishResult[]) => void = () => {};

  constructor(
    messages: number,
    readonly options: PublishOptions,
  ) {
    this.#missing = messages;
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    if (messages === 0) this.#end();
  }

  /** The result of one message; called once for each. */
  settle(index: number, result: PublishResult): void {
    this.#results[index] = result;
    if (--this.#missing === 0) this.#end();
  }

  #end(): void {
    if (this.span !== undefined) endSpan(this.span, this.#results);
    this.options.settled();
    this.#resolve(this.#results);
  }
}

/** What librdkafka is handed of a message. */
export interface Handed {
  readonly content: Buffer | null;
  readonly plan: RecordPlan;
}

/**
 * A message on its way to its topics: it is stored when every one of them has it. librdkafka gives it back with each
 * report. It holds its content until that is handed over, and librdkafka has a copy: what waits for brokers is small.
 */
export class Flight {
  readonly topics: readonly string[];
  readonly bytes: number;
  readonly #storedAt: StoredAt[] = [];
  #handed: Handed | undefined;
  #missing: number;
  #isSettled = false;

  constructor(
    private readonly publishing: Publishing,
    private readonly index: number,
    { content }: Message,
    plan: RecordPlan,
  ) {
    this.topics = plan.topics;
    this.bytes = content?.length ?? 0;
    this.#handed = { content, plan };
    this.#missing = plan.topics.length;
  }

  /** On the clock of `performance.now()`. */
  get begunAt(): number {
    return this.publishing.begunAt;
  }

  /** Whether the client waits for it; else nobody but the log is told of a failure. */
  get awaited(): boolean {
    return this.publishing.options.awaits;
  }

  /** What is handed over, with the trace that it is a part of; undefined when that has been done. */
  take(): Handed | undefined {
    const handed = this.#handed;
    this.#handed = undefined;
    const { span } = this.publishing;
    if (span === undefined || handed === undefined) return handed;
    const { content, plan } = handed;
    return { content, plan: { ...plan, headers: withTrace(plan.headers, span.context) } };
  }

  /** Whose share it is counted in. */
  get client(): string | undefined {
    return this.publishing.options.client;
  }

  /** librdkafka has all of its records. */
  queued(): void {
    if (!this.awaited) this.#settle({ ok: true, storedAt: [], queued: true });
  }

  /** One of its records is stored. */
  stored(at: StoredAt): void {
    this.#storedAt.push(at);
    if (--this.#missing > 0) return;
    const storedAt = this.#storedAt;
    // With acks 0 librdkafka reports what it has sent: no broker has said that it is there.
    const acknowledged = storedAt.every(({ offset }) => offset !== undefined);
    this.#settle(acknowledged ? { ok: true, storedAt } : { ok: true, storedAt, queued: true });
  }

  failed(error: SluiceError): void {
    this.#settle({ ok: false, error });
  }

  #settle(result: PublishResult): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.publishing.settle(this.index, result);
  }
}

function endSpan(span: Span, results: readonly PublishResult[]): void {
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
