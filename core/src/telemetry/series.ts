import {
  bucketOf,
  type Counter,
  type Distribution,
  type Histogram,
  type Labels,
} from '../contract/metrics.js';

/** A line of a counter. */
export class CounterSeries implements Counter {
  value = 0;

  constructor(readonly labels: Labels) {}

  add(count: number): void {
    this.value += count;
  }
}

/** A line of a histogram. `counts` has one bucket more than there are bounds, for what is above all of them. */
export class HistogramSeries implements Histogram, Distribution {
  readonly counts: number[];
  sum = 0;
  count = 0;

  constructor(
    readonly labels: Labels,
    readonly boundaries: readonly number[],
  ) {
    this.counts = new Array<number>(boundaries.length + 1).fill(0);
  }

  record(value: number, times = 1): void {
    const bucket = bucketOf(this.boundaries, value);
    (this.counts[bucket] as number) += times;
    this.sum += value * times;
    this.count += times;
  }

  merge({ counts, sum }: Distribution): void {
    for (let bucket = 0; bucket < this.counts.length; bucket++) {
      const more = counts[bucket] ?? 0;
      (this.counts[bucket] as number) += more;
      this.count += more;
    }
    this.sum += sum;
  }
}
