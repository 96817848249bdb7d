import type { ExecutionContext } from '../context.js';
import type { Subscription } from '../delivery.js';
import type { Message } from '../message.js';
import type { Telemetry } from '../telemetry.js';
import type { Span } from '../tracing.js';
import { ReadingBatches, type ReadingOptions, traceOf } from './reading.js';
import { type Origin, TopicMeter } from './topic-meter.js';

/** What an endpoint tells of its messages, by the conventions: see docs/observability.md. All calls are cheap while off. */
export class MessagingTelemetry {
  readonly #meters = new Map<string, TopicMeter>();
  readonly #meterOf = (topic: string) => this.topic(topic);

  /**
   * @param telemetry absent: nothing is told
   * @param system as OpenTelemetry names it, such as `kafka`
   */
  constructor(
    private readonly telemetry: Telemetry | undefined,
    private readonly system: string,
  ) {}

  /** Topics are read or written that a client chose, or a definition names; to be told before they are counted. */
  named(topics: readonly string[], by: { readonly client: string } | 'definition'): void {
    for (const topic of topics) this.topic(topic, by);
  }

  /**
   * What is counted of a topic; undefined while metrics are off. Above 200 topics, and above a client's share of them,
   * further ones are `_other`.
   */
  topic(name: string, by?: { readonly client: string } | 'definition'): TopicMeter | undefined {
    const known = this.#meters.get(name);
    if (known !== undefined) return known;
    const { metrics } = this.telemetry ?? {};
    if (metrics === undefined) return undefined;
    const label = metrics.bounded('topic', name, by);
    const meter = this.#meters.get(label) ?? new TopicMeter(metrics, this.system, label);
    this.#meters.set(label, meter);
    return meter;
  }

  /**
   * Begins the span of a publish; undefined while tracing is off. It is a part of the exchange's trace, else, for one message
   * alone, of that which its headers name: a message that is passed on.
   * @param topics those of all messages together
   */
  sending(ctx: ExecutionContext, topics: readonly string[], messages: readonly Message[]): Span | undefined {
    const { tracing } = this.telemetry ?? {};
    if (tracing === undefined) return undefined;
    const destination = topics.join(',');
    const [first] = messages;
    const parent = ctx.trace ?? (first !== undefined && messages.length === 1 ? traceOf(first) : undefined);
    return tracing.begin(destination === '' ? 'send' : `send ${destination}`, {
      kind: 'producer',
      ...(parent === undefined ? {} : { parent }),
      attributes: {
        'messaging.system': this.system,
        'messaging.operation.name': 'send',
        'messaging.operation.type': 'send',
        ...(destination === '' ? {} : { 'messaging.destination.name': destination }),
        ...(messages.length === 1
          ? { 'messaging.message.body.size': first?.content?.length ?? 0 }
          : { 'messaging.batch.message_count': messages.length }),
      },
    });
  }

  /** The reading of a subscription, told batch by batch: what `wrapSubscription` takes. Nothing while all is off. */
  reading(
    subscription: Subscription,
    ctx: ExecutionContext,
    options: Pick<ReadingOptions, 'topics' | 'topicOf' | 'group'>,
  ): Partial<Pick<Subscription, typeof Symbol.asyncIterator>> {
    const { metrics, tracing } = this.telemetry ?? {};
    if (metrics === undefined && tracing === undefined) return {};
    const told = {
      ...options,
      system: this.system,
      origin: originOf(ctx),
      meterOf: this.#meterOf,
      tracing,
      trace: ctx.trace,
    };
    return { [Symbol.asyncIterator]: () => new ReadingBatches(subscription[Symbol.asyncIterator](), told) };
  }
}

/** Whether a client reads, or the gateway on behalf of a subscription. */
export function originOf({ subscription }: ExecutionContext): Origin {
  return subscription.type === 'push' ? 'agent' : 'subscriber';
}
