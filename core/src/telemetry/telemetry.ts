import type { Logger } from '../contract/logger.js';
import type { Telemetry } from '../contract/telemetry.js';
import type { Tracing } from '../contract/tracing.js';
import { watchProcess } from './process-metrics.js';
import { PROMETHEUS_TYPE, prometheusText } from './prometheus.js';
import { MetricRegistry } from './registry.js';

/** What a gateway tells of itself beside its log. */
export class GatewayTelemetry implements Telemetry {
  readonly metrics?: MetricRegistry;
  readonly tracing?: Tracing;
  readonly #stop: () => void = () => {};

  /** @param options.metrics whether anything is counted */
  constructor(options: { readonly metrics: boolean }, log: Logger) {
    if (!options.metrics) return;
    this.metrics = new MetricRegistry(log);
    this.#stop = watchProcess(this.metrics);
  }

  /** All metrics for Prometheus; undefined while they are off. */
  async text(): Promise<{ readonly type: string; readonly body: string } | undefined> {
    if (this.metrics === undefined) return undefined;
    return { type: PROMETHEUS_TYPE, body: prometheusText(await this.metrics.collect()) };
  }

  stop(): void {
    this.#stop();
  }
}
