import type { MetricSpec, Metrics, Reading } from '../contract/metrics.js';
import type { SubscriptionRecord } from '../subscription/record.js';

/** How the pushed subscriptions fare. */
export const SUBSCRIPTIONS = {
  name: 'sluice.subscriptions',
  kind: 'gauge',
  unit: '{subscription}',
  labels: ['sluice.api', 'sluice.entrypoint', 'status', 'consumer.status'],
  description:
    'Pushed subscriptions by what their owner and the gateway made of them: a `FAILURE` stands still.',
} as const satisfies MetricSpec;

/** Counts them when metrics are collected. */
export function watchSubscriptions(metrics: Metrics, records: () => readonly SubscriptionRecord[]): void {
  metrics.gauge(SUBSCRIPTIONS, () =>
    records().map(
      ({ api, entrypointId, status, consumerStatus }): Reading => ({
        labels: {
          'sluice.api': api,
          'sluice.entrypoint': entrypointId,
          status,
          'consumer.status': consumerStatus,
        },
        value: 1,
      }),
    ),
  );
}
