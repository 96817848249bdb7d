import type { HrTime } from '@opentelemetry/api';
import { resources, metrics as sdk } from '@opentelemetry/sdk-node';
import type { Collected, MetricRegistry } from '../registry.js';

/** Named as the origin of everything that is sent. */
export const SCOPE = { name: 'sluice' };

/** Hands the registry's metrics to a reader of OpenTelemetry; they count from the start of the gateway on. */
export class RegistryProducer implements sdk.MetricProducer {
  constructor(private readonly registry: MetricRegistry) {}

  async collect(): Promise<sdk.CollectionResult> {
    const collected = await this.registry.collect();
    const times = { startTime: hrTime(this.registry.sinceMs), endTime: hrTime(Date.now()) };
    const metrics = collected.map((one) => metricData(one, times));
    // Whoever reads it puts its own resource here.
    const resource = resources.emptyResource();
    return { resourceMetrics: { resource, scopeMetrics: [{ scope: SCOPE, metrics }] }, errors: [] };
  }
}

interface Times {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

function metricData({ spec, ...metric }: Collected, times: Times): sdk.MetricData {
  const { name, description, unit } = spec;
  const base = {
    // 1 is DOUBLE; the enumeration is one of types only here.
    descriptor: { name, description, unit, valueType: 1 },
    aggregationTemporality: sdk.AggregationTemporality.CUMULATIVE,
  };
  if (metric.kind === 'histogram') {
    const dataPoints = metric.lines.map(({ labels, boundaries, counts, sum, count }) => ({
      ...times,
      attributes: { ...labels },
      value: { buckets: { boundaries: [...boundaries], counts: [...counts] }, sum, count },
    }));
    return { ...base, dataPointType: sdk.DataPointType.HISTOGRAM, dataPoints };
  }
  const dataPoints = metric.lines.map(({ labels, value }) => ({
    ...times,
    attributes: { ...labels },
    value,
  }));
  return metric.kind === 'counter'
    ? { ...base, dataPointType: sdk.DataPointType.SUM, isMonotonic: true, dataPoints }
    : { ...base, dataPointType: sdk.DataPointType.GAUGE, dataPoints };
}

function hrTime(ms: number): HrTime {
  return [Math.floor(ms / 1000), (ms % 1000) * 1e6];
}
