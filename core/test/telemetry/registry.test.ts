import { recordingLogger } from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import type { MetricSpec } from '../../src/contract/metrics.js';
import { prometheusText } from '../../src/telemetry/prometheus.js';
import { MetricRegistry } from '../../src/telemetry/registry.js';

const GAUGE = {
  name: 'a.gauge',
  kind: 'gauge',
  unit: '1',
  labels: ['x'],
  description: 'G',
} satisfies MetricSpec;
const HISTOGRAM = {
  name: 'a.histogram',
  kind: 'histogram',
  unit: 's',
  labels: ['x'],
  description: 'H',
  boundaries: [1, 2],
} satisfies MetricSpec;
const COUNTER = { ...GAUGE, name: 'a.counter', kind: 'counter', unit: '{thing}' } satisfies MetricSpec;

const registry = () => new MetricRegistry(recordingLogger());

test('a metric without a value is not told', async () => {
  const metrics = registry();
  metrics.gauge(GAUGE, () => []);
  expect(await metrics.collect()).toEqual([]);
  expect(prometheusText([])).toBe('');
});

test('whoever asks for the same labels adds to the same line, in whatever order they are given', async () => {
  const metrics = registry();
  const spec = { ...COUNTER, labels: ['x', 'y'] };
  metrics.counter(spec, { x: '1', y: '2' }).add(1);
  metrics.counter(spec, { y: '2', x: '1' }).add(2);
  metrics.counter(spec, { x: '1' }).add(5);
  expect(prometheusText(await metrics.collect())).toBe(
    '# HELP a_counter_total G\n# TYPE a_counter_total counter\na_counter_total{x="1",y="2"} 3\na_counter_total{x="1"} 5\n',
  );
});

test('a value on a bound belongs below it; many at once count as many', async () => {
  const metrics = registry();
  const line = metrics.histogram(HISTOGRAM, { x: 'a' });
  for (const value of [0.5, 1, 1.5, 2]) line.record(value);
  line.record(3, 10);
  line.merge({ counts: [1, 0, 2], sum: 7 });
  expect(prometheusText(await metrics.collect())).toBe(`# HELP a_histogram_seconds H
# TYPE a_histogram_seconds histogram
a_histogram_seconds_bucket{x="a",le="1"} 3
a_histogram_seconds_bucket{x="a",le="2"} 5
a_histogram_seconds_bucket{x="a",le="+Inf"} 17
a_histogram_seconds_sum{x="a"} 42
a_histogram_seconds_count{x="a"} 17
`);
});

test('what stands in labels and descriptions cannot break out of its line', async () => {
  const metrics = registry();
  metrics.counter({ ...COUNTER, description: 'a\nb\\' }, { x: 'quote" back\\slash line\nend' }).add(1);
  expect(prometheusText(await metrics.collect())).toBe(
    '# HELP a_counter_total a\\nb\\\\\n# TYPE a_counter_total counter\na_counter_total{x="quote\\" back\\\\slash line\\nend"} 1\n',
  );
});

describe('gauges', () => {
  test('of several who offer the same labels the values are summed, until they end the offer', async () => {
    const metrics = registry();
    metrics.gauge(GAUGE, () => [{ labels: { x: 'a' }, value: 1 }]);
    const end = metrics.gauge(GAUGE, async () => [
      { labels: { x: 'a' }, value: 2 },
      { labels: { x: 'b' }, value: 4 },
    ]);
    const lines = async () => (await metrics.collect()).flatMap(({ lines }): readonly unknown[] => lines);
    expect(await lines()).toEqual([
      { labels: { x: 'a' }, value: 3 },
      { labels: { x: 'b' }, value: 4 },
    ]);
    end();
    expect(await lines()).toEqual([{ labels: { x: 'a' }, value: 1 }]);
  });

  test('one that throws, or takes longer than a second, is left out: the others are told', async () => {
    const metrics = registry();
    metrics.gauge(GAUGE, () => [{ labels: { x: 'quick' }, value: 1 }]);
    metrics.gauge(GAUGE, () => {
      throw new Error('broken');
    });
    metrics.gauge(GAUGE, () => Promise.reject(new Error('broken')));
    metrics.gauge(GAUGE, () => new Promise(() => {}));
    const begun = performance.now();
    const collected = await metrics.collect();
    expect(performance.now() - begun).toBeLessThan(5000);
    expect(collected.flatMap(({ lines }): readonly unknown[] => lines)).toEqual([
      { labels: { x: 'quick' }, value: 1 },
    ]);
  });
});

test('a label has 200 values, and those it has stay', () => {
  const metrics = registry();
  for (let n = 0; n < 200; n++) expect(metrics.bounded('topic', `t${n}`)).toBe(`t${n}`);
  expect(metrics.bounded('topic', 'one more')).toBe('_other');
  expect(metrics.bounded('topic', 't7')).toBe('t7');
  expect(metrics.bounded('group', 'one more')).toBe('one more');
});

test('a client brings 50 values at most, all clients 150, and those of definitions find a place', () => {
  const metrics = registry();
  const by = (client: string, n: number) => metrics.bounded('topic', `${client}-${n}`, { client });
  const told = (client: string, count: number) =>
    Array.from({ length: count }, (_, n) => by(client, n)).filter((value) => value !== '_other').length;
  expect([told('a', 60), told('b', 60), told('c', 60), told('d', 60)]).toEqual([50, 50, 50, 0]);
  expect(by('a', 49)).toBe('a-49');
  // Whoever counts it later does not know whose it is.
  expect(metrics.bounded('topic', 'a-55')).toBe('_other');
  expect(metrics.bounded('topic', 'a-55', 'definition')).toBe('a-55');
  expect(metrics.bounded('topic', 'written', 'definition')).toBe('written');
  expect(metrics.bounded('topic', 'a-55')).toBe('a-55');
});

test('what a client had no share for is remembered of the last 1,000', () => {
  const metrics = registry();
  for (let n = 0; n < 1051; n++) metrics.bounded('topic', `t${n}`, { client: 'a' });
  expect(metrics.bounded('topic', 't1050')).toBe('_other');
  expect(metrics.bounded('topic', 't50')).toBe('t50');
});

test('a name stands for one kind and unit', () => {
  const metrics = registry();
  metrics.counter(COUNTER, {});
  expect(() => metrics.histogram({ ...HISTOGRAM, name: COUNTER.name }, {})).toThrow('a.counter is a counter');
});
