import { expect, test } from 'vitest';
import { otlpSwitches } from '../../src/telemetry/otlp/switches.js';

const NOTHING = { metrics: false, traces: false };

test.each([
  [{}, NOTHING],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, NOTHING],
  [{ OTEL_SERVICE_NAME: 'x', OTEL_TRACES_SAMPLER: 'always_on' }, NOTHING],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c' }, { metrics: true, traces: true }],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c' }, { metrics: false, traces: true }],
  [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://c' }, { metrics: true, traces: false }],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_TRACES_EXPORTER: 'none' },
    { metrics: true, traces: false },
  ],
  [
    { OTEL_TRACES_EXPORTER: 'otlp', OTEL_METRICS_EXPORTER: 'prometheus' },
    { metrics: false, traces: true },
  ],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_SDK_DISABLED: 'TRUE' }, NOTHING],
])('%j', (environment, expected) => {
  expect(otlpSwitches(environment)).toEqual(expected);
});

test.each([
  [
    { OTEL_METRICS_EXPORTER: 'otlp,statsd' },
    'OTEL_METRICS_EXPORTER is "statsd"; it may be otlp, prometheus, none',
  ],
  [{ OTEL_TRACES_EXPORTER: 'jaeger' }, 'OTEL_TRACES_EXPORTER is "jaeger"'],
])('%j is refused, with what may be', (environment, message) => {
  expect(() => otlpSwitches(environment)).toThrow(message);
});
