import type { Labels, MetricSpec } from '../contract/metrics.js';
import type { Collected } from './registry.js';
import type { HistogramSeries } from './series.js';

/** The media type of {@link prometheusText}. */
export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const UNITS: Readonly<Record<string, string>> = { s: 'seconds', By: 'bytes', '1': 'ratio' };

/**
 * Metrics in the text format of Prometheus, version 0.0.4, named as OpenTelemetry's compatibility page says: dots become
 * underscores, the unit is a suffix, and counters end in `_total`. The exporter of OpenTelemetry leaves the unit out and
 * takes 15 MB, so this is written here.
 */
export function prometheusText(metrics: readonly Collected[]): string {
  return metrics.map(metricText).join('');
}

/** The name of a metric as Prometheus has it. */
export function prometheusName({ name, unit, kind }: MetricSpec): string {
  const suffix = UNITS[unit];
  const plain = name.replace(/[^A-Za-z0-9]+/g, '_');
  const named = suffix === undefined || plain.endsWith(`_${suffix}`) ? plain : `${plain}_${suffix}`;
  return kind === 'counter' ? `${named}_total` : named;
}

function metricText(metric: Collected): string {
  const { spec, kind } = metric;
  const name = prometheusName(spec);
  const head = `# HELP ${name} ${escapeHelp(spec.description)}\n# TYPE ${name} ${kind}\n`;
  if (metric.kind === 'histogram') return head + metric.lines.map((line) => bucketLines(name, line)).join('');
  return head + metric.lines.map(({ labels, value }) => valueLine(name, labels, value)).join('');
}

function bucketLines(name: string, { labels, boundaries, counts, sum, count }: HistogramSeries): string {
  let below = 0;
  let text = '';
  for (const [index, bound] of boundaries.entries()) {
    below += counts[index] ?? 0;
    text += valueLine(`${name}_bucket`, { ...labels, le: String(bound) }, below);
  }
  text += valueLine(`${name}_bucket`, { ...labels, le: '+Inf' }, count);
  return text + valueLine(`${name}_sum`, labels, sum) + valueLine(`${name}_count`, labels, count);
}

function valueLine(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(
    ([label, text]) => `${label.replace(/[^A-Za-z0-9]+/g, '_')}="${escapeLabel(text)}"`,
  );
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`;
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
