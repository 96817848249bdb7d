import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { MetricSpec, Metrics } from '../contract/metrics.js';

const gauge = (name: string, unit: string, description: string): MetricSpec => ({
  name,
  kind: 'gauge',
  unit,
  labels: [],
  description,
});

/** What the process itself tells, by the names of OpenTelemetry's conventions for node. */
export const PROCESS_METRICS = {
  memory: gauge('process.memory.usage', 'By', 'Memory of the process that is in RAM.'),
  heap: gauge('v8js.memory.heap.used', 'By', 'Memory that objects of JavaScript take.'),
  uptime: gauge('process.uptime', 's', 'How long the process has run.'),
  delayMean: gauge(
    'nodejs.eventloop.delay.mean',
    's',
    'How late timers were since the last collection, on average.',
  ),
  delayP99: gauge('nodejs.eventloop.delay.p99', 's', 'The same, of the latest hundredth the earliest.'),
  delayMax: gauge('nodejs.eventloop.delay.max', 's', 'The same, at most.'),
  utilization: gauge(
    'nodejs.eventloop.utilization',
    '1',
    'The part of the time since the last collection that the event loop was busy.',
  ),
} as const;

const RESOLUTION_MS = 20;
const NANOSECONDS = 1e9;

/** How the event loop did since the last look. */
interface LoopSample {
  readonly mean: number;
  readonly p99: number;
  readonly max: number;
  readonly utilization: number;
}

/** Offers them. Returns the call that ends it. */
export function watchProcess(metrics: Metrics): () => void {
  const loop = new LoopWatch();
  const offer = (spec: MetricSpec, read: () => number) =>
    metrics.gauge(spec, () => [{ labels: {}, value: read() }]);
  const ends = [
    offer(PROCESS_METRICS.memory, () => process.memoryUsage.rss()),
    offer(PROCESS_METRICS.heap, () => process.memoryUsage().heapUsed),
    offer(PROCESS_METRICS.uptime, () => process.uptime()),
    offer(PROCESS_METRICS.delayMean, () => loop.sample.mean),
    offer(PROCESS_METRICS.delayP99, () => loop.sample.p99),
    offer(PROCESS_METRICS.delayMax, () => loop.sample.max),
    offer(PROCESS_METRICS.utilization, () => loop.sample.utilization),
  ];
  return () => {
    loop.stop();
    for (const end of ends) end();
  };
}

/** Looks at the event loop by node's own means: a timer each 20 ms, and a clock that stands while it waits. */
class LoopWatch {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #used = performance.eventLoopUtilization();
  #sample: LoopSample | undefined;

  constructor() {
    this.#delay.enable();
  }

  /** Since the last one: those who ask in one turn of the event loop are told the same. */
  get sample(): LoopSample {
    this.#sample ??= this.#look();
    return this.#sample;
  }

  stop(): void {
    this.#delay.disable();
  }

  #look(): LoopSample {
    const before = this.#used;
    this.#used = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(this.#used, before);
    const sample = {
      mean: late(this.#delay.mean),
      p99: late(this.#delay.percentile(99)),
      max: late(this.#delay.max),
      utilization,
    };
    this.#delay.reset();
    setImmediate(() => {
      this.#sample = undefined;
    });
    return sample;
  }
}

/** What is measured is the time between two looks, of which the resolution was asked for; nothing yet is no number. */
function late(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / NANOSECONDS - RESOLUTION_MS / 1000) : 0;
}
