import type { Logger } from '../contract/logger.js';
import type { Labels, MetricSpec, Metrics, Reading } from '../contract/metrics.js';
import { LabelValues } from './label-values.js';
import { CounterSeries, HistogramSeries } from './series.js';

/** A gauge that waits for somebody is waited for no longer. */
const READ_TIMEOUT_MS = 1000;

type Read = () => readonly Reading[] | Promise<readonly Reading[]>;
type Series = CounterSeries | HistogramSeries;

interface Instrument {
  readonly spec: MetricSpec;
  /** By labels, for those that count. */
  readonly series: Map<string, Series>;
  /** Of a gauge. */
  readonly reads: Set<Read>;
}

/** A metric as it is now. */
export type Collected =
  | { readonly spec: MetricSpec; readonly kind: 'histogram'; readonly lines: readonly HistogramSeries[] }
  | { readonly spec: MetricSpec; readonly kind: 'counter' | 'gauge'; readonly lines: readonly Reading[] };

/**
 * The metrics of one gateway. Counting costs an addition: whoever counts holds the line it adds to, and nothing is looked
 * up, hashed or made until somebody collects.
 */
export class MetricRegistry implements Metrics {
  /** Counters and histograms count from here; milliseconds since the epoch. */
  readonly sinceMs = Date.now();
  readonly #instruments = new Map<string, Instrument>();
  readonly #values = new Map<string, LabelValues>();

  constructor(private readonly log: Logger) {}

  counter(spec: MetricSpec, labels: Labels): CounterSeries {
    return this.#series(spec, labels, () => new CounterSeries(labels));
  }

  histogram(spec: MetricSpec, labels: Labels): HistogramSeries {
    return this.#series(spec, labels, () => new HistogramSeries(labels, spec.boundaries ?? []));
  }

  gauge(spec: MetricSpec, read: Read): () => void {
    const { reads } = this.#instrument(spec);
    reads.add(read);
    return () => void reads.delete(read);
  }

  bounded(label: string, value: string, by?: { readonly client: string } | 'definition'): string {
    let values = this.#values.get(label);
    if (values === undefined) {
      values = new LabelValues();
      this.#values.set(label, values);
    }
    return values.told(value, by);
  }

  /** Every metric that has a value, by name. Takes no longer than the slowest gauge, a second at most. */
  async collect(): Promise<readonly Collected[]> {
    const all = [...this.#instruments.values()].sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1));
    const collected = await Promise.all(all.map((one) => this.#collected(one)));
    return collected.filter(({ lines }) => lines.length > 0);
  }

  async #collected({ spec, series, reads }: Instrument): Promise<Collected> {
    const { kind } = spec;
    if (kind === 'histogram') return { spec, kind, lines: [...series.values()] as HistogramSeries[] };
    if (kind === 'counter') return { spec, kind, lines: [...series.values()] as CounterSeries[] };
    const readings = await Promise.all([...reads].map((read) => this.#read(spec, read)));
    const sums = new Map<string, Reading>();
    for (const { labels, value } of readings.flat()) {
      const key = keyOf(spec, labels);
      sums.set(key, { labels, value: value + (sums.get(key)?.value ?? 0) });
    }
    return { spec, kind, lines: [...sums.values()] };
  }

  async #read({ name }: MetricSpec, read: Read): Promise<readonly Reading[]> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<readonly Reading[]>((resolve) => {
      timer = setTimeout(() => resolve([]), READ_TIMEOUT_MS);
    });
    try {
      return await Promise.race([read(), late]);
    } catch (error) {
      this.log.debug({ metric: name, err: error }, 'a metric could not be read');
      return [];
    } finally {
      clearTimeout(timer);
    }
  }

  #instrument(spec: MetricSpec): Instrument {
    const known = this.#instruments.get(spec.name);
    if (known === undefined) {
      const made = { spec, series: new Map(), reads: new Set<Read>() };
      this.#instruments.set(spec.name, made);
      return made;
    }
    if (known.spec.kind !== spec.kind || known.spec.unit !== spec.unit)
      throw new Error(`the metric ${spec.name} is a ${known.spec.kind} in ${known.spec.unit} already`);
    return known;
  }

  #series<T extends Series>(spec: MetricSpec, labels: Labels, make: () => T): T {
    const { series } = this.#instrument(spec);
    const key = keyOf(spec, labels);
    const known = series.get(key);
    if (known !== undefined) return known as T;
    const made = make();
    series.set(key, made);
    return made;
  }
}

function keyOf({ labels: names }: MetricSpec, labels: Labels): string {
  return JSON.stringify(names.map((name) => labels[name] ?? null));
}
