/** What is measured. Names and labels are written as OpenTelemetry does, with dots. */
export interface MetricSpec {
  readonly name: string;
  /** `gauge` is read when somebody asks; the other two are counted as things happen. */
  readonly kind: 'counter' | 'histogram' | 'gauge';
  /** A unit of UCUM: `s`, `By`, or what is counted in braces, such as `{message}`. */
  readonly unit: string;
  /** One sentence for an operator. */
  readonly description: string;
  readonly labels: readonly string[];
  /** The upper bounds of a histogram's buckets, ascending. */
  readonly boundaries?: readonly number[];
}

/** Values by label. They are chosen by definitions and by code, never by a client; see {@link Metrics.bounded}. */
export type Labels = Readonly<Record<string, string>>;

/** One line of a counter: ask for it once, and keep it. */
export interface Counter {
  add(count: number): void;
}

/** One line of a histogram: ask for it once, and keep it. */
export interface Histogram {
  /** @param times how many had this value; 1 when absent */
  record(value: number, times?: number): void;
  /** Adds many values that were gathered by a {@link Tally} of the same bounds, at the cost of one. */
  merge(values: Distribution): void;
}

/** Many values in the buckets of one histogram. */
export interface Distribution {
  readonly counts: readonly number[];
  readonly sum: number;
}

/** One value of a gauge at the time it is read. */
export interface Reading {
  readonly labels: Labels;
  readonly value: number;
}

/** Where plugins count. Lines that have the same name and labels are one, whoever asks for them. */
export interface Metrics {
  counter(spec: MetricSpec, labels: Labels): Counter;
  histogram(spec: MetricSpec, labels: Labels): Histogram;
  /**
   * Offers values that are read when metrics are collected; those with the same labels are summed. Of a read that throws
   * or takes longer than a second nothing is told that time. Returns a call that ends the offer.
   */
  gauge(spec: MetricSpec, read: () => readonly Reading[] | Promise<readonly Reading[]>): () => void;
  /**
   * The value, or `_other` when that label has 200 values already: for what a client may have a say in. Values once
   * given stay.
   * @param by who brings it: a client, of which a label takes 50 values, and 150 of all clients, or a definition. Absent where
   * that is not known here: then what a client had no share for stays `_other`
   */
  bounded(label: string, value: string, by?: { readonly client: string } | 'definition'): string;
}

/** Gathers many values for {@link Histogram.merge}. */
export class Tally implements Distribution {
  readonly counts: number[];
  sum = 0;

  /** @param boundaries those of the histogram */
  constructor(private readonly boundaries: readonly number[]) {
    this.counts = new Array<number>(boundaries.length + 1).fill(0);
  }

  add(value: number): void {
    const bucket = bucketOf(this.boundaries, value);
    (this.counts[bucket] as number)++;
    this.sum += value;
  }
}

/** The bucket of a value: the first whose bound it does not exceed, else the one behind the last. */
export function bucketOf(boundaries: readonly number[], value: number): number {
  let bucket = 0;
  while (bucket < boundaries.length && value > (boundaries[bucket] as number)) bucket++;
  return bucket;
}

/** Bounds for durations in seconds: those that OpenTelemetry advises for requests, and one below for a near broker. */
export const SECONDS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

/** Bounds for sizes in bytes: powers of four from 64 to 16 MiB. */
export const BYTES: readonly number[] = [
  64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216,
];
