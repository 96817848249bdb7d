import type { ExecutionContext } from '../../contract/context.js';
import { SluiceError } from '../../contract/errors.js';
import type { PlanSecurity } from '../../contract/security.js';

/**
 * Stands in for the security of a plan whose kind is not installed: the plan takes nobody, and says why. A request without
 * an Authorization header has nothing to do with it, so that plans for everybody still take it.
 */
export function refusingSecurity(planId: string, type: string): PlanSecurity {
  const refusal = () =>
    new SluiceError('GATEWAY_PLAN_UNRESOLVABLE', {
      message: `The plan "${planId}" takes nobody: its security "${type}" is not installed in this gateway`,
    });
  return {
    authenticate({ request }: ExecutionContext) {
      if (request.headers.has('authorization')) throw refusal();
      return undefined;
    },
    missing: refusal,
  };
}
