import * as api from '@opentelemetry/api';
import { core, NodeSDK, resources, metrics as sdk } from '@opentelemetry/sdk-node';
import type { Logger } from '../../contract/logger.js';
import type { Tracing } from '../../contract/tracing.js';
import type { MetricRegistry } from '../registry.js';
import { ExportFailures } from './export-failures.js';
import { RegistryProducer, SCOPE } from './metric-data.js';
import { OtelTracing } from './otel-tracing.js';
import type { Environment, OtlpSwitches } from './switches.js';

/** Exports that run. */
export interface RunningExport {
  /** Undefined when no spans are asked for. */
  readonly tracing: Tracing | undefined;
  /** Sends what is left, for at most `timeoutMs` and two seconds. */
  stop(timeoutMs: number): Promise<void>;
}

const STOP_MS = 2000;
const INTERVAL_MS = 60_000;

/**
 * Starts what the standard variables ask for; endpoints, protocols, headers, samplers, queues and intervals are read from
 * them too. One of a process at a time. What cannot be sent is dropped once the queue of 2048 spans is full.
 * @param registry undefined while metrics are off: then none are sent
 */
export async function startExport(
  switches: OtlpSwitches,
  environment: Environment,
  registry: MetricRegistry | undefined,
  log: Logger,
): Promise<RunningExport> {
  const failures = new ExportFailures(log);
  const readers =
    switches.metrics && registry !== undefined ? [await metricReader(environment, registry)] : [];
  const noSpans = switches.traces ? {} : { spanProcessors: [] };
  const otel = new NodeSDK({
    resource: resources.resourceFromAttributes({ 'service.name': 'sluice' }),
    // Those of the process would tell its command line.
    resourceDetectors: [resources.envDetector],
    metricReaders: readers,
    logRecordProcessors: [],
    ...noSpans,
  });
  const note = (message: unknown, ...rest: unknown[]) =>
    failures.note(rest.length === 0 ? message : `${String(message)} ${rest.map(String).join(' ')}`);
  const logger = { error: note, warn: note, info: () => {}, debug: () => {}, verbose: () => {} };
  api.diag.setLogger(logger, { logLevel: api.DiagLogLevel.WARN, suppressOverrideMessage: true });
  core.setGlobalErrorHandler((error) => failures.note(error));
  otel.start();
  return {
    tracing: switches.traces ? new OtelTracing(api.trace.getTracer(SCOPE.name)) : undefined,
    stop: async (timeoutMs) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, Math.min(STOP_MS, timeoutMs));
      });
      await Promise.race([otel.shutdown().catch((error: unknown) => failures.note(error)), late]);
      clearTimeout(timer);
      // Whoever starts a gateway in this process again has exports of its own.
      for (const global of [api.trace, api.metrics, api.context, api.propagation, api.diag]) global.disable();
    },
  };
}

async function metricReader(environment: Environment, registry: MetricRegistry): Promise<sdk.MetricReader> {
  const interval = Number(environment.OTEL_METRIC_EXPORT_INTERVAL ?? INTERVAL_MS);
  const exportIntervalMillis = Number.isInteger(interval) && interval > 0 ? interval : INTERVAL_MS;
  const timeout = Number(environment.OTEL_METRIC_EXPORT_TIMEOUT ?? 30_000);
  const exportTimeoutMillis = Math.min(timeout > 0 ? timeout : 30_000, exportIntervalMillis);
  return new sdk.PeriodicExportingMetricReader({
    exporter: await metricExporter(environment),
    exportIntervalMillis,
    exportTimeoutMillis,
    metricProducers: [new RegistryProducer(registry)],
  });
}

/** @throws Error when the protocol is none that there is */
async function metricExporter(environment: Environment): Promise<sdk.PushMetricExporter> {
  const { OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: own, OTEL_EXPORTER_OTLP_PROTOCOL: common } = environment;
  const protocol = (own ?? common ?? '').trim();
  switch (protocol) {
    case 'grpc':
      return new (await import('@opentelemetry/exporter-metrics-otlp-grpc')).OTLPMetricExporter();
    case 'http/json':
      return new (await import('@opentelemetry/exporter-metrics-otlp-http')).OTLPMetricExporter();
    case '':
    case 'http/protobuf':
      return new (await import('@opentelemetry/exporter-metrics-otlp-proto')).OTLPMetricExporter();
    default:
      throw new Error(
        `OTEL_EXPORTER_OTLP_PROTOCOL is "${protocol}"; it may be http/protobuf, http/json or grpc`,
      );
  }
}
