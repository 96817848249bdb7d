import { row } from './option-table.mjs';

const BEGIN = '<!-- metrics -->';
const END = '<!-- /metrics -->';

/** The page with its table of metrics brought up to date; what stands around the markers stays. */
export function withMetrics(page, specs, prometheusName) {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) throw new Error(`docs/observability.md needs the lines ${BEGIN} and ${END}`);
  const rows = specs.map((spec) =>
    row([
      `\`${spec.name}\``,
      spec.kind,
      spec.unit,
      spec.labels.map((label) => `\`${label}\``).join(' '),
      spec.description,
      `\`${prometheusName(spec)}\``,
    ]),
  );
  const head = [
    row(['name', 'kind', 'unit', 'attributes', 'what it says', 'in Prometheus']),
    row(['---', '---', '---', '---', '---', '---']),
  ];
  return `${page.slice(0, from)}${BEGIN}\n${[...head, ...rows].join('\n')}\n${page.slice(to)}`;
}
