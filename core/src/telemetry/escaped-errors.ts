import type { Logger } from '../contract/logger.js';
import type { MetricSpec, Metrics } from '../contract/metrics.js';

/** How many errors nothing has caught. */
export const ESCAPED_ERRORS = {
  name: 'sluice.errors.escaped',
  kind: 'counter',
  unit: '{error}',
  labels: [],
  description:
    'Errors that nothing caught but the last resort: each is a fault of the gateway or of a plugin.',
} as const satisfies MetricSpec;

/**
 * The last resort: an error that is thrown, or rejected, where nothing catches it is logged and counted, and the process
 * goes on serving. A request that waits for what failed is answered 504 at its time, since nobody can tell which one that is.
 * @param metrics undefined while they are off
 */
export function catchEscapedErrors(log: Logger, metrics?: Metrics): void {
  const counter = metrics?.counter(ESCAPED_ERRORS, {});
  counter?.add(0);
  // Node calls it for rejections too, where nobody listens for those alone.
  process.on('uncaughtException', (thrown: unknown, origin) => {
    counter?.add(1);
    try {
      log.error({ event: 'escaped-error', origin, err: thrown }, 'an error was caught by nothing');
    } catch {
      // A log that cannot be written would end the process here.
    }
  });
}
