import type { Delivery } from '../delivery.js';
import type { Message } from '../message.js';
import { type Distribution, Tally } from '../metrics.js';
import {
  type Span,
  TRACEPARENT,
  TRACESTATE,
  type TraceContext,
  type Tracing,
  traceContext,
} from '../tracing.js';
import { MESSAGING_METRICS } from './table.js';
import type { Origin, ReadMeter, TopicMeter } from './topic-meter.js';
import { turnTime } from './turn-time.js';

/** How the batches of one subscription are told. */
export interface ReadingOptions {
  readonly system: string;
  readonly origin: Origin;
  /** What is read, as far as it is known before the first message. */
  readonly topics: readonly string[];
  readonly topicOf: (message: Message) => string;
  /** Undefined while metrics are off. */
  readonly meterOf: (topic: string) => TopicMeter | undefined;
  readonly tracing: Tracing | undefined;
  /** The consumer group; absent for readers without one. */
  readonly group?: string;
  /** Of the exchange that reads. */
  readonly trace: TraceContext | undefined;
}

type Batch = readonly Delivery[];

/** What one batch has of one topic. */
interface Part {
  readonly topic: string;
  readonly sizes: Distribution;
}

/** Of a batch more messages are not linked to their senders. */
const MAX_LINKS = 32;

/** A batch that many streams share is looked through once. */
const parts = new WeakMap<Batch, readonly Part[]>();

/**
 * The batches of a subscription, told as they are pulled; nothing is done for a message but once a batch. Each is asked for
 * when the one before has come.
 */
export class ReadingBatches implements AsyncIterator<Batch> {
  /** When the batch that is waited for was asked for, or the one before was handed out. */
  #asked = 0;
  #handed: readonly Part[] | undefined;
  #span: Span | undefined;
  /** Most streams read one topic: what it is counted by is looked up once. */
  #topic: string | undefined;
  #meter: ReadMeter | undefined;

  constructor(
    private readonly inner: AsyncIterator<Batch>,
    private readonly options: ReadingOptions,
  ) {}

  next(): Promise<IteratorResult<Batch>> {
    const now = turnTime();
    this.#processed(now);
    this.#asked = now;
    return this.inner.next().then(this.#taken, this.#failed);
  }

  async return(value?: unknown): Promise<IteratorResult<Batch>> {
    this.#processed(turnTime());
    return (await this.inner.return?.(value)) ?? { done: true, value: undefined };
  }

  /** From asking for the next batch on the one before is done with. */
  #processed(now: number): void {
    if (this.#handed === undefined) return;
    const seconds = (now - this.#asked) / 1000;
    for (const { topic } of this.#handed) this.#meterOf(topic)?.process.record(seconds);
    this.#handed = undefined;
    this.#span?.end();
    this.#span = undefined;
  }

  readonly #taken = (result: IteratorResult<Batch>): IteratorResult<Batch> => {
    if (result.done === true) return result;
    const batch = result.value;
    const now = turnTime();
    const handed = partsOf(batch, this.options.topicOf);
    const seconds = (now - this.#asked) / 1000;
    for (const { topic, sizes } of handed) {
      const meter = this.#meterOf(topic);
      meter?.size.merge(sizes);
      meter?.duration.record(seconds);
    }
    this.#handed = handed;
    // From here on it is the entrypoint's time.
    this.#asked = now;
    this.#span = beginProcess(batch, handed, this.options);
    return result;
  };

  readonly #failed = (error: unknown): never => {
    const { topics, meterOf, origin } = this.options;
    const seconds = (turnTime() - this.#asked) / 1000;
    for (const topic of topics) meterOf(topic)?.readFailed(seconds, origin);
    throw error;
  };

  #meterOf(topic: string): ReadMeter | undefined {
    if (topic !== this.#topic) this.#meter = this.options.meterOf(topic)?.reading(this.options.origin);
    this.#topic = topic;
    return this.#meter;
  }
}

function partsOf(batch: Batch, topicOf: (message: Message) => string): readonly Part[] {
  const known = parts.get(batch);
  if (known !== undefined) return known;
  const sizes = new Map<string, Tally>();
  let last: string | undefined;
  let tally: Tally | undefined;
  for (const { message } of batch) {
    const topic = topicOf(message);
    if (tally === undefined || topic !== last) {
      tally = sizes.get(topic) ?? new Tally(MESSAGING_METRICS.readSize.boundaries);
      sizes.set(topic, tally);
      last = topic;
    }
    tally.add(message.content?.length ?? 0);
  }
  const found = [...sizes].map(([topic, tallied]) => ({ topic, sizes: tallied }));
  parts.set(batch, found);
  return found;
}

function beginProcess(batch: Batch, found: readonly Part[], options: ReadingOptions): Span | undefined {
  const { tracing, system, trace, group } = options;
  if (tracing === undefined) return undefined;
  const only = found.length === 1 ? found[0]?.topic : undefined;
  const [first] = batch;
  const destination = only === undefined ? {} : { 'messaging.destination.name': only };
  const links = batch.slice(0, MAX_LINKS).flatMap(({ message }) => traceOf(message) ?? []);
  return tracing.begin(only === undefined ? 'process' : `process ${only}`, {
    kind: 'consumer',
    // A stream lives for hours: each batch is a trace of its own, which names the exchange and the senders.
    links: trace === undefined ? links : [trace, ...links],
    attributes: {
      'messaging.system': system,
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      ...(batch.length === 1 && first !== undefined
        ? { 'messaging.message.id': first.message.id }
        : { 'messaging.batch.message_count': batch.length }),
      ...(group === undefined ? {} : { 'messaging.consumer.group.name': group }),
      ...destination,
    },
  });
}

/** The trace that a message belongs to, by its headers; undefined when they say none. */
export function traceOf({ headers }: Message): TraceContext | undefined {
  const text = (wanted: string) =>
    headers.find(([name]) => name.toLowerCase() === wanted)?.[1]?.toString('latin1');
  return traceContext(text(TRACEPARENT), text(TRACESTATE));
}
