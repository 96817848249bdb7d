import type { ExecutionContext, SubscriptionInfo } from '../../contract/context.js';
import type { Mode } from '../../contract/entrypoint.js';
import { SluiceError } from '../../contract/errors.js';
import type { Identity } from '../../contract/security.js';
import type { RunningPlan } from './plan.js';

/** The plan that takes a request, and what it found out about the client. */
export interface ChosenPlan {
  readonly plan: RunningPlan;
  /** The entrypoint's modes that the plan allows; never empty. */
  readonly modes: readonly Mode[];
  readonly subscription: SubscriptionInfo;
  readonly expiresAtMs?: number;
}

/** Of several refusals the last here is told: one plan's "unknown" says little when another knows the client. */
const WEIGHT = [401, 503, 403];

/** A context whose subscription is not settled yet. */
export interface OpenContext extends ExecutionContext {
  subscription: SubscriptionInfo;
}

/**
 * Asks the plans in order: the first whose credential is good, whose selection rule holds and which allows a mode
 * of the entrypoint takes the request. Sets the subscription and the attributes of the exchange. A request with a
 * credential that no plan takes is refused also where a key-less plan would have it: its sender meant to be known.
 * @throws SluiceError `OPERATION_FORBIDDEN` when only the rights are missing, else a plan's own reason; without a
 * credential 401
 */
export async function choosePlan(
  plans: readonly RunningPlan[],
  ctx: OpenContext,
  modes: readonly Mode[],
): Promise<ChosenPlan> {
  let refused: SluiceError | undefined;
  const refuse = (error: SluiceError) => {
    if (refused === undefined || WEIGHT.indexOf(error.status) > WEIGHT.indexOf(refused.status))
      refused = error;
  };
  for (const plan of plans) {
    if (plan.security === undefined && refused !== undefined) break;
    let identity: Identity | undefined;
    try {
      identity = await plan.security?.authenticate(ctx);
    } catch (thrown) {
      refuse(SluiceError.from(thrown));
      continue;
    }
    if (plan.security !== undefined && identity === undefined) continue;
    const chosen = await accept(plan, identity, ctx, modes, refuse);
    if (chosen !== undefined) return chosen;
  }
  throw refused ?? unauthorized(plans, ctx.api.name);
}

async function accept(
  plan: RunningPlan,
  identity: Identity | undefined,
  ctx: OpenContext,
  modes: readonly Mode[],
  refuse: (error: SluiceError) => void,
): Promise<ChosenPlan | undefined> {
  const before = ctx.subscription;
  const ofPlan = plan.id === undefined ? {} : { planId: plan.id };
  ctx.subscription = { ...(identity?.subscription ?? before), ...ofPlan, type: 'standard' };
  const attributes = Object.entries(identity?.attributes ?? {});
  for (const [name, value] of attributes) ctx.attributes.set(name, value);
  const allowed = modes.filter((mode) => plan.operations.includes(mode));
  const holds = plan.rule === undefined || (await holdsFor(plan, ctx));
  if (holds && allowed.length > 0) {
    plan.security?.conceal?.(ctx);
    const expires = identity?.expiresAtMs === undefined ? {} : { expiresAtMs: identity.expiresAtMs };
    return { plan, modes: allowed, subscription: ctx.subscription, ...expires };
  }
  if (holds) refuse(new SluiceError('OPERATION_FORBIDDEN'));
  ctx.subscription = before;
  for (const [name] of attributes) ctx.attributes.delete(name);
  return undefined;
}

/** A rule that cannot be evaluated does not hold: a plan must not open by a fault. */
async function holdsFor({ rule, id }: RunningPlan, ctx: ExecutionContext): Promise<boolean> {
  try {
    return (await rule?.holds(ctx)) ?? true;
  } catch (error) {
    ctx.log.warn(
      { plan: id, err: error },
      'the selection rule of a plan cannot be evaluated: it does not hold',
    );
    return false;
  }
}

/** One kind of credential would do: its own error. Several: the general one, with every challenge. */
function unauthorized(plans: readonly RunningPlan[], realm: string): SluiceError {
  const missing = plans.flatMap(({ security }) => (security === undefined ? [] : [security.missing(realm)]));
  const [first] = missing;
  if (first !== undefined && missing.every(({ key }) => key === first.key)) return first;
  const challenges = new Set(missing.map(({ headers }) => headers['WWW-Authenticate']));
  const headers = challenges.size === 0 ? {} : { 'WWW-Authenticate': [...challenges].join(', ') };
  return new SluiceError('GATEWAY_PLAN_UNRESOLVABLE', { headers });
}
