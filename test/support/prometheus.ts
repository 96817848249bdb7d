/** A line of the text format of Prometheus: its labels, and its value. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A family of the text format, with its samples by their whole names. */
export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: ReadonlyMap<string, readonly Sample[]>;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\\\\n]|\\\\[\\\\"n])*)"';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{((?:${LABEL})(?:,${LABEL})*)\\})? (\\S+)$`);
const VALUE = /^([+-]?\d+(\.\d+)?(e[+-]?\d+)?|NaN|[+-]Inf)$/;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
};

/**
 * Reads the text format, version 0.0.4, and holds it to more than a scraper would: each family is told once, with HELP
 * and TYPE before its samples; no line twice; counters end in `_total`; buckets are cumulative and end in +Inf, which is
 * the count. @throws Error naming the line
 */
export function parsePrometheus(text: string): ReadonlyMap<string, Family> {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, Omit<Family, 'samples'> & { samples: Map<string, Sample[]> }>();
  const seen = new Set<string>();
  let name = '';
  let help: string | undefined;
  for (const line of text.split('\n').slice(0, -1)) {
    const fail = (why: string): never => {
      throw new Error(`${why}: ${line}`);
    };
    const [, helpName, helpText] = new RegExp(`^# HELP (${NAME}) (.+)$`).exec(line) ?? [];
    if (helpName !== undefined) {
      if (families.has(helpName)) fail('told twice');
      name = helpName;
      help = helpText;
      continue;
    }
    const [, typeName, type] = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`).exec(line) ?? [];
    if (typeName !== undefined && type !== undefined) {
      if (typeName !== name || help === undefined) fail('a TYPE without its HELP');
      if ((type === 'counter') !== typeName.endsWith('_total')) fail('only counters end in _total');
      families.set(name, { type, help: help ?? '', samples: new Map() });
      continue;
    }
    const [, sampleName = '', labelText = ''] = SAMPLE.exec(line) ?? fail('no line of the format');
    const value = line.slice(line.lastIndexOf(' ') + 1);
    if (!VALUE.test(value)) fail('no number');
    const family = families.get(name) ?? fail('a sample before its TYPE');
    const allowed = (SUFFIXES[family.type] ?? ['']).map((suffix) => `${name}${suffix}`);
    if (!allowed.includes(sampleName)) fail('a sample of another family');
    const place = line.slice(0, line.lastIndexOf(' '));
    if (seen.has(place)) fail('a line twice');
    seen.add(place);
    const labels = Object.fromEntries(
      [...labelText.matchAll(new RegExp(LABEL, 'g'))].map(([, label = '', quoted = '']) => [
        label,
        quoted.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char)),
      ]),
    );
    const list = family.samples.get(sampleName) ?? [];
    list.push({ labels, value: Number(value.replace('Inf', 'Infinity')) });
    family.samples.set(sampleName, list);
  }
  for (const [family, { type, samples }] of families) if (type === 'histogram') checkBuckets(family, samples);
  return families;
}

function checkBuckets(name: string, samples: ReadonlyMap<string, readonly Sample[]>): void {
  for (const { labels, value: count } of samples.get(`${name}_count`) ?? []) {
    const own = (samples.get(`${name}_bucket`) ?? []).filter(({ labels: { le: _, ...rest } }) =>
      sameLabels(rest, labels),
    );
    const bounds = own.map(({ labels: { le } }) => (le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)));
    const ascending = (list: readonly number[], strictly: boolean) =>
      list.slice(1).every((item, at) => item > (list[at] ?? item) || (!strictly && item === list[at]));
    if (!ascending(bounds, true)) throw new Error(`the bounds of ${name} do not ascend`);
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY) throw new Error(`${name} has no bucket +Inf`);
    const counts = own.map(({ value }) => value);
    if (!ascending(counts, false)) throw new Error(`the buckets of ${name} are not cumulative`);
    if (counts.at(-1) !== count) throw new Error(`the bucket +Inf of ${name} is not its count`);
  }
}

function sameLabels(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** The metrics that a gateway tells now. */
export async function scrape(adminUrl: string): Promise<ReadonlyMap<string, Family>> {
  const response = await fetch(`${adminUrl}/metrics`);
  if (response.status !== 200) throw new Error(`/metrics answers ${response.status}`);
  return parsePrometheus(await response.text());
}

/** The value of the one sample of a name that has these labels; undefined when there is none. */
export function sampleValue(
  families: ReadonlyMap<string, Family>,
  sample: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const family = families.get(sample) ?? families.get(sample.replace(/_(bucket|sum|count)$/, ''));
  const found = (family?.samples.get(sample) ?? []).filter((each) =>
    Object.entries(labels).every(([name, value]) => each.labels[name] === value),
  );
  if (found.length > 1) throw new Error(`${sample} has ${found.length} lines with these labels`);
  return found[0]?.value;
}
