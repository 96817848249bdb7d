import type { ExecutionContext, SubscriptionInfo } from '../../contract/context.js';
import type { Mode } from '../../contract/entrypoint.js';
import { SluiceError } from '../../contract/errors.js';
import type { MaybePromise } from '../../contract/policy.js';
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
 * At once where no plan has to wait for what it asks.
 * @throws SluiceError `OPERATION_FORBIDDEN` when only the rights are missing, else a plan's own reason; without a
 * credential 401
 */
export function choosePlan(
  plans: readonly RunningPlan[],
  ctx: OpenContext,
  modes: readonly Mode[],
): MaybePromise<ChosenPlan> {
  return ask(plans, 0, undefined, ctx, modes);
}

/** Asks the plans from one on. @param refused the weightiest refusal of those before it */
function ask(
  plans: readonly RunningPlan[],
  first: number,
  refused: SluiceError | undefined,
  ctx: OpenContext,
  modes: readonly Mode[],
): MaybePromise<ChosenPlan> {
  let told = refused;
  for (let at = first; at < plans.length; at++) {
    const plan = plans[at] as RunningPlan;
    if (plan.security === undefined && told !== undefined) break;
    const asked = askOne(plan, ctx, modes);
    if (asked instanceof Promise) {
      return asked.then((answer) =>
        isChosen(answer) ? answer : ask(plans, at + 1, weightier(told, answer), ctx, modes),
      );
    }
    if (isChosen(asked)) return asked;
    told = weightier(told, asked);
  }
  throw told ?? unauthorized(plans, ctx.api.name);
}

/** What one plan says: it takes the request, refuses it, or (undefined) has nothing to do with it. Never throws. */
type Answer = ChosenPlan | SluiceError | undefined;

function isChosen(answer: Answer): answer is ChosenPlan {
  return answer !== undefined && !(answer instanceof SluiceError);
}

function weightier(told: SluiceError | undefined, answer: Answer): SluiceError | undefined {
  if (!(answer instanceof SluiceError)) return told;
  return told === undefined || WEIGHT.indexOf(answer.status) > WEIGHT.indexOf(told.status) ? answer : told;
}

function askOne(plan: RunningPlan, ctx: OpenContext, modes: readonly Mode[]): MaybePromise<Answer> {
  if (plan.security === undefined) return accept(plan, undefined, ctx, modes);
  let identity: MaybePromise<Identity | undefined>;
  try {
    identity = plan.security.authenticate(ctx);
  } catch (thrown) {
    return SluiceError.from(thrown);
  }
  const known = (one: Identity | undefined) => (one === undefined ? one : accept(plan, one, ctx, modes));
  return identity instanceof Promise ? identity.then(known, SluiceError.from) : known(identity);
}

function accept(
  plan: RunningPlan,
  identity: Identity | undefined,
  ctx: OpenContext,
  modes: readonly Mode[],
): MaybePromise<Answer> {
  const before = ctx.subscription;
  // Of the open plan of an API without plans: the context begins with its subscription.
  if (identity !== undefined || plan.id !== undefined) {
    const ofPlan = plan.id === undefined ? {} : { planId: plan.id };
    ctx.subscription = { ...(identity?.subscription ?? before), ...ofPlan, type: 'standard' };
  }
  const { attributes } = identity ?? {};
  if (attributes !== undefined)
    for (const [name, value] of Object.entries(attributes)) ctx.attributes.set(name, value);
  if (plan.rule === undefined) return judged(true, plan, identity, ctx, modes, before);
  return holdsFor(plan, ctx).then((holds) => judged(holds, plan, identity, ctx, modes, before));
}

/** @param before the subscription of the exchange, which is put back where the plan does not take it */
function judged(
  holds: boolean,
  plan: RunningPlan,
  identity: Identity | undefined,
  ctx: OpenContext,
  modes: readonly Mode[],
  before: SubscriptionInfo,
): Answer {
  const allowed = holds ? allowedOf(plan, modes) : NO_MODES;
  if (allowed.length > 0) {
    plan.security?.conceal?.(ctx);
    const { subscription } = ctx;
    const expiresAtMs = identity?.expiresAtMs;
    return expiresAtMs === undefined
      ? { plan, modes: allowed, subscription }
      : { plan, modes: allowed, subscription, expiresAtMs };
  }
  ctx.subscription = before;
  for (const name of Object.keys(identity?.attributes ?? {})) ctx.attributes.delete(name);
  return holds ? new SluiceError('OPERATION_FORBIDDEN') : undefined;
}

const NO_MODES: readonly Mode[] = [];

/** The modes of an entrypoint that a plan allows; its own list where that is all of them. */
function allowedOf({ operations }: RunningPlan, modes: readonly Mode[]): readonly Mode[] {
  return modes.every((mode) => operations.includes(mode))
    ? modes
    : modes.filter((mode) => operations.includes(mode));
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
  const challenges = new Set(missing.flatMap(({ headers }) => headers['WWW-Authenticate'] ?? []));
  const headers = challenges.size === 0 ? {} : { 'WWW-Authenticate': [...challenges].join(', ') };
  return new SluiceError('GATEWAY_PLAN_UNRESOLVABLE', { headers });
}
