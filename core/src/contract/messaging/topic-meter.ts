import type { ErrorKey } from '../error-table.js';
import type { Counter, Histogram, Metrics } from '../metrics.js';
import { MESSAGING_METRICS as M } from './table.js';

/** Who reads: a client of the gateway, or the gateway itself for a subscription. */
export type Origin = 'subscriber' | 'agent';

/** What is counted of one topic. Lines are made when they are first needed, so that none is there without a value. */
export class TopicMeter {
  #sent: { count: Counter; operation: Histogram; size: Histogram; duration: Histogram } | undefined;
  #consumed: Counter | undefined;
  readonly #reads = new Map<Origin, ReadMeter>();

  /** @param topic bounded already */
  constructor(
    private readonly metrics: Metrics,
    private readonly kind: string,
    private readonly topic: string,
  ) {}

  /** A message is stored. @param seconds since it was handed to the endpoint */
  sent(bytes: number, seconds: number): void {
    this.#sent ??= {
      count: this.metrics.counter(M.sent, this.#labels('send')),
      operation: this.metrics.histogram(M.operation, this.#labels('send')),
      size: this.metrics.histogram(M.writeSize, this.#own()),
      duration: this.metrics.histogram(M.writeDuration, this.#own()),
    };
    const { count, operation, size, duration } = this.#sent;
    count.add(1);
    operation.record(seconds);
    size.record(bytes);
    duration.record(seconds);
  }

  /** A message is not stored, or may not be. */
  failed(seconds: number, error: ErrorKey): void {
    const labels = { ...this.#labels('send'), 'error.type': error };
    this.metrics.counter(M.sent, labels).add(1);
    this.metrics.histogram(M.operation, labels).record(seconds);
    this.metrics.histogram(M.writeFailure, this.#own()).record(seconds);
  }

  /** Messages have come from the store. */
  consumed(count: number): void {
    this.#consumed ??= this.metrics.counter(M.consumed, this.#labels('poll'));
    this.#consumed.add(count);
  }

  /** What was acknowledged is recorded. @param error why it is not, or may not be */
  acknowledged(seconds: number, origin: Origin, error?: ErrorKey): void {
    const failed = error === undefined ? {} : { 'error.type': error };
    this.metrics.histogram(M.operation, { ...this.#labels('commit'), ...failed }).record(seconds);
    if (error === undefined) this.metrics.histogram(M.readAck, { ...this.#own(), origin }).record(seconds);
  }

  /** Reading has failed. @param seconds since the messages were asked for */
  readFailed(seconds: number, origin: Origin): void {
    this.metrics.histogram(M.readFailure, { ...this.#own(), origin }).record(seconds);
  }

  /** What is counted for each batch that is handed out. */
  reading(origin: Origin): ReadMeter {
    const known = this.#reads.get(origin);
    if (known !== undefined) return known;
    const labels = { ...this.#own(), origin };
    const meter = {
      size: this.metrics.histogram(M.readSize, labels),
      duration: this.metrics.histogram(M.readDuration, labels),
      process: this.metrics.histogram(M.process, this.#labels('process')),
    };
    this.#reads.set(origin, meter);
    return meter;
  }

  #own() {
    return { kind: this.kind, topic: this.topic };
  }

  #labels(operation: string) {
    return {
      'messaging.system': this.kind,
      'messaging.operation.name': operation,
      'messaging.destination.name': this.topic,
    };
  }
}

/** The lines of one topic and origin. */
export interface ReadMeter {
  readonly size: Histogram;
  readonly duration: Histogram;
  readonly process: Histogram;
}
