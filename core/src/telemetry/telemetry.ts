import type { Logger } from '../contract/logger.js';
import type { Telemetry } from '../contract/telemetry.js';
import type { Tracing } from '../contract/tracing.js';
import type { RunningExport } from './otlp/start.js';
import { type Environment, otlpSwitches } from './otlp/switches.js';
import { watchProcess } from './process-metrics.js';
import { PROMETHEUS_TYPE, prometheusText } from './prometheus.js';
import { MetricRegistry } from './registry.js';

/** What a gateway tells of itself beside its log. */
export class GatewayTelemetry implements Telemetry {
  readonly tracing?: Tracing;

  private constructor(
    readonly metrics: MetricRegistry | undefined,
    private readonly unwatch: () => void,
    private readonly exporting: RunningExport | undefined,
  ) {
    if (exporting?.tracing !== undefined) this.tracing = exporting.tracing;
  }

  /**
   * Starts it. OpenTelemetry is loaded only where the environment asks for exports.
   * @param options.metrics whether anything is counted
   * @throws Error for a variable that cannot be followed
   */
  static async start(
    options: { readonly metrics: boolean },
    environment: Environment,
    log: Logger,
  ): Promise<GatewayTelemetry> {
    const switches = otlpSwitches(environment);
    const metrics = options.metrics ? new MetricRegistry(log) : undefined;
    if (switches.metrics && metrics === undefined)
      log.warn({}, 'telemetry.metrics is false: no metrics are exported, whatever the environment says');
    const exporting =
      switches.metrics || switches.traces
        ? await (await import('./otlp/start.js')).startExport(switches, environment, metrics, log)
        : undefined;
    return new GatewayTelemetry(metrics, metrics === undefined ? () => {} : watchProcess(metrics), exporting);
  }

  /** All metrics for Prometheus; undefined while they are off. */
  async text(): Promise<{ readonly type: string; readonly body: string } | undefined> {
    if (this.metrics === undefined) return undefined;
    return { type: PROMETHEUS_TYPE, body: prometheusText(await this.metrics.collect()) };
  }

  /** Sends what is left to be exported, as far as `timeoutMs` lets it. */
  async stop(timeoutMs: number): Promise<void> {
    await this.exporting?.stop(timeoutMs);
    this.unwatch();
  }
}
