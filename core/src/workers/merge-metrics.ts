/** Metrics of which a process tells a share or a delay: their sum over several processes would say nothing. */
const GREATEST = /^(nodejs_eventloop_|process_uptime)/;

/**
 * One text of metrics out of those of several processes, in Prometheus' text format 0.0.4: values of the same series are
 * added, but for those of the event loop and the uptime, of which the greatest is told.
 */
export function mergeMetrics(texts: readonly string[]): string {
  const families = new Map<string, { head: string[]; series: Map<string, number> }>();
  for (const text of texts) {
    let family = { head: [] as string[], series: new Map<string, number>() };
    for (const line of text.split('\n')) {
      const help = /^# HELP (\S+)/.exec(line);
      if (help !== null) {
        const known = families.get(help[1] as string);
        family = known ?? { head: [], series: new Map() };
        families.set(help[1] as string, family);
        if (known === undefined) family.head.push(line);
      } else if (line.startsWith('#')) {
        if (family.head.length < 2) family.head.push(line);
      } else if (line !== '') {
        const end = line.lastIndexOf(' ');
        const series = line.slice(0, end);
        const value = Number(line.slice(end + 1));
        const before = family.series.get(series);
        const greatest = GREATEST.test(series);
        const both = greatest ? Math.max(before ?? value, value) : (before ?? 0) + value;
        family.series.set(series, both);
      }
    }
  }
  return [...families.values()]
    .flatMap(({ head, series }) => [...head, ...[...series].map(([name, value]) => `${name} ${value}`)])
    .map((line) => `${line}\n`)
    .join('');
}
