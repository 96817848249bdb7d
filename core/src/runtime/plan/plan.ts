import type { Mode } from '../../contract/entrypoint.js';
import type { Condition } from '../../contract/policy.js';
import type { PlanSecurity } from '../../contract/security.js';
import type { FlowPlan } from '../flow/flow-engine.js';

/** A plan of a running API for requests: whom it takes, and the flows that then run. */
export interface RunningPlan {
  /** Absent for the open plan of an API that has no plans. */
  readonly id?: string;
  /** Absent on a plan that takes everybody. */
  readonly security?: PlanSecurity;
  /** The selection rule; absent when there is none. */
  readonly rule?: Condition;
  readonly operations: readonly Mode[];
  readonly flows: FlowPlan;
}
