import { MESSAGING_METRICS } from '../contract/messaging/table.js';
import type { MetricSpec } from '../contract/metrics.js';
import { FAILED_CONDITIONS } from '../runtime/flow/guarded-condition.js';
import { APIS } from './api-metrics.js';
import { ESCAPED_ERRORS } from './escaped-errors.js';
import { HTTP_DURATION } from './http-metrics.js';
import { OPEN_STREAMS } from './open-streams.js';
import { PROCESS_METRICS } from './process-metrics.js';
import { SUBSCRIPTIONS } from './subscription-metrics.js';

/** Every metric of the gateway but those that only one plugin has, as documented. */
export const GATEWAY_METRICS: readonly MetricSpec[] = [
  HTTP_DURATION,
  OPEN_STREAMS,
  APIS,
  SUBSCRIPTIONS,
  ...Object.values(MESSAGING_METRICS),
  FAILED_CONDITIONS,
  ESCAPED_ERRORS,
  ...Object.values(PROCESS_METRICS),
];
