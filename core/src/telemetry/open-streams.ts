import type { MetricSpec, Metrics } from '../contract/metrics.js';

/** How many subscriptions of the endpoint are open. */
export const OPEN_STREAMS = {
  name: 'sluice.streams.open',
  kind: 'gauge',
  unit: '{stream}',
  labels: ['sluice.api', 'sluice.entrypoint'],
  description: 'Streams, pages, sockets and pushed subscriptions that are reading now.',
} as const satisfies MetricSpec;

/** Counts what is open of one entrypoint. */
export class OpenStreams {
  #open = 0;

  /** @param metrics undefined while they are off */
  constructor(metrics: Metrics | undefined, api: string, entrypoint: string) {
    const labels = { 'sluice.api': api, 'sluice.entrypoint': entrypoint };
    metrics?.gauge(OPEN_STREAMS, () => [{ labels, value: this.#open }]);
  }

  /** One is opened. Returns the call that says it is closed; calls after the first do nothing. */
  open(): () => void {
    this.#open++;
    let closed = false;
    return () => {
      if (!closed) this.#open--;
      closed = true;
    };
  }
}
