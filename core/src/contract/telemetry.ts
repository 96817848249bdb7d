import type { Metrics } from './metrics.js';
import type { Tracing } from './tracing.js';

/** What a plugin may tell operators beside its log. */
export interface Telemetry {
  /** Absent while metrics are switched off. */
  readonly metrics?: Metrics | undefined;
  /** Absent while tracing is off, which it is unless the environment names where spans go. */
  readonly tracing?: Tracing;
}
