/** The variables of OpenTelemetry, as the process was given them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What is sent to a collector. */
export interface OtlpSwitches {
  readonly metrics: boolean;
  readonly traces: boolean;
}

/**
 * What the standard variables ask for: nothing, unless they name where to send it. `OTEL_METRICS_EXPORTER` may also be
 * `prometheus`, which is there without being asked for.
 * @throws Error naming the variable and what it may be
 */
export function otlpSwitches(environment: Environment): OtlpSwitches {
  if (environment.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true')
    return { metrics: false, traces: false };
  return {
    metrics: isAsked(environment, 'METRICS', ['otlp', 'prometheus', 'none']),
    traces: isAsked(environment, 'TRACES', ['otlp', 'zipkin', 'none']),
  };
}

function isAsked(environment: Environment, signal: string, known: readonly string[]): boolean {
  const name = `OTEL_${signal}_EXPORTER`;
  const list = (environment[name] ?? '').split(',').map((item) => item.trim());
  const named = list.filter((item) => item !== '');
  const unknown = named.find((item) => !known.includes(item));
  if (unknown !== undefined) throw new Error(`${name} is "${unknown}"; it may be ${known.join(', ')}`);
  if (named.length > 0) return named.some((item) => item !== 'none' && item !== 'prometheus');
  const places = [`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, 'OTEL_EXPORTER_OTLP_ENDPOINT'];
  return places.some((place) => (environment[place] ?? '').trim() !== '');
}
