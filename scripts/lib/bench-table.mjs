import { ratioText, shown } from '../../test/bench/report.mjs';
import { row } from './option-table.mjs';

/** The figures that README shows, by name, in its order. */
const HEADLINES = [
  'post-64',
  'sse-1000',
  'ws-1000',
  'latency-p99',
  'idle-memory',
  'storm',
  'pages',
  'webhook',
  'start-1000',
];

/** The figures beside other products as a Markdown table. */
export function peerTable({ rows }) {
  const lines = Object.values(rows).flatMap(({ date, quick, figures }) =>
    figures
      .filter(({ peer }) => peer !== undefined)
      .map((figure) => {
        const { title, unit, floor, ours, peer } = figure;
        const when = quick ? `${date}, quick` : date;
        return row([title, peer, shown(floor), `${shown(ours)} ${unit}`, ratioText(figure), when]);
      }),
  );
  return [
    row(['row', 'peer', 'theirs', 'gateway', 'ratio (spread)', 'measured']),
    row(Array(6).fill('---')),
    ...lines,
    '',
  ].join('\n');
}

/** All figures beside floors as a Markdown table, with when they were measured. */
export function benchTable({ rows, cpu, cores, node }) {
  const lines = Object.values(rows).flatMap(({ date, quick, figures }) =>
    figures
      .filter(({ peer }) => peer === undefined)
      .map((figure) => {
        const { title, unit, floor, ours, target, met, note } = figure;
        const reach = target === undefined ? '–' : `${target}: ${met ? 'yes' : '**no**'}`;
        const said = note === undefined ? title : `${title} (${note})`;
        const when = quick ? `${date}, quick` : date;
        return row([said, shown(floor), `${shown(ours)} ${unit}`, ratioText(figure), reach, when]);
      }),
  );
  return [
    `${cores} cores (${cpu}), shared with broker and load; Node ${node}.`,
    '',
    row(['row', 'floor', 'gateway', 'ratio (spread)', 'to reach', 'measured']),
    row(Array(6).fill('---')),
    ...lines,
    '',
  ].join('\n');
}

/** The few figures that say most, as a Markdown table, under the chart. */
export function headlines({ rows }) {
  const all = new Map(Object.values(rows).flatMap(({ figures }) => figures.map((one) => [one.name, one])));
  const lines = HEADLINES.flatMap((name) => {
    const found = all.get(name);
    if (found === undefined) return [];
    const { title, unit, ours, floor } = found;
    return [row([title, `${shown(ours)} ${unit}`, floor === null ? '–' : `${shown(floor)} ${unit}`])];
  });
  return [
    '![the gateway beside its floors](test/bench/results/latest.svg)',
    '',
    row(['', 'gateway', 'a bare server']),
    row(Array(3).fill('---')),
    ...lines,
    '',
  ].join('\n');
}
