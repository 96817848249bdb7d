import type { MetricSpec, Metrics } from '../contract/metrics.js';
import type { Gateway } from '../runtime/gateway.js';

/** How the definitions of a gateway fare. */
export const APIS = {
  name: 'sluice.apis',
  kind: 'gauge',
  unit: '{api}',
  labels: ['sluice.api', 'state'],
  description:
    'Definitions by what became of them: `served`, `stopped`, or `failed`, which then have the name of their file where no id can be read.',
} as const satisfies MetricSpec;

/** Counts them when metrics are collected. */
export function watchApis(metrics: Metrics, gateway: Pick<Gateway, 'apis' | 'unserved'>): void {
  const reading = (api: string, state: string) => ({ labels: { 'sluice.api': api, state }, value: 1 });
  metrics.gauge(APIS, () => [
    ...gateway.apis.map(({ id }) => reading(id, 'served')),
    ...gateway.unserved.map(({ id, file, state }) => reading(id ?? file ?? '', state)),
  ]);
}
