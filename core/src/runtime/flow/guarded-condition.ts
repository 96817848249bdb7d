import type { MetricSpec, Metrics } from '../../contract/metrics.js';
import type { Condition } from '../../contract/policy.js';
import { policyError } from './step.js';

/** How many conditions of flows could not be evaluated. */
export const FAILED_CONDITIONS = {
  name: 'sluice.flow.conditions.failed',
  kind: 'counter',
  unit: '{condition}',
  labels: ['sluice.api'],
  description: 'Conditions of flows that could not be evaluated on what a request holds.',
} as const satisfies MetricSpec;

/** What a flow's condition is guarded with. */
export interface ConditionGuard {
  readonly flow: string;
  readonly api: string;
  /** `fail` ends the exchange; `skip` leaves the flow out, as the definition format does. */
  readonly onFailure: 'fail' | 'skip';
  /** Undefined while nothing is counted. */
  readonly metrics: Metrics | undefined;
}

/**
 * The condition of a flow. One that cannot be evaluated is logged and counted, and ends the exchange: left out, a flow that
 * guards an API would let by whoever sends what its condition cannot work on.
 */
export function guardedCondition(condition: Condition, guard: ConditionGuard): Condition {
  const { flow, api, onFailure, metrics } = guard;
  return {
    async holds(ctx, message) {
      try {
        return await condition.holds(ctx, message);
      } catch (thrown) {
        const error = policyError(thrown);
        metrics?.counter(FAILED_CONDITIONS, { 'sluice.api': api }).add(1);
        const { message: reason } = error.cause instanceof Error ? error.cause : error;
        ctx.log.warn({ flow, reason, onFailure }, 'the condition of a flow cannot be evaluated');
        if (onFailure === 'skip') return false;
        throw error;
      }
    },
  };
}
