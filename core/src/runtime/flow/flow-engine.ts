import type { ExecutionContext, ResponseInfo } from '../../contract/context.js';
import { SluiceError } from '../../contract/errors.js';
import type { MaybePromise, Phase } from '../../contract/policy.js';
import { type Flow, type FlowRequest, selectFlows } from './flow.js';
import { type MessageStep, messageSteps, policyError, type Step, stepsThatApply } from './step.js';

/** The flows of an API, by level: those of the plan come before the API's own. */
export interface FlowPlan {
  readonly levels: readonly (readonly Flow[])[];
  readonly bestMatch: boolean;
  /** A request that selects no flow is answered 404. */
  readonly matchRequired: boolean;
}

/** The flows that one exchange selected. */
export class ExchangeFlows {
  constructor(private readonly flows: readonly Flow[]) {}

  /** Whether any flow has a step in a phase. */
  has(phase: Phase): boolean {
    return this.#steps(phase).length > 0;
  }

  /** Runs the request phase. @throws SluiceError of the policy that ends the request */
  request(ctx: ExecutionContext): MaybePromise<void> {
    const steps = this.#steps('request');
    if (steps.length === 0) return;
    return runAll(steps, ctx, ({ policy }) => policy.onRequest?.(ctx));
  }

  /** Runs the response phase. @throws SluiceError of the policy that ends the request */
  async response(ctx: ExecutionContext, response: ResponseInfo): Promise<void> {
    await runAll(this.#steps('response'), ctx, ({ policy }) => policy.onResponse?.(ctx, response));
  }

  /** The steps that each message takes; undefined when there are none, so that messages need not be touched. */
  messages(
    phase: 'publish' | 'subscribe',
    ctx: ExecutionContext,
  ): MaybePromise<readonly MessageStep[] | undefined> {
    const steps = this.#steps(phase);
    if (steps.length === 0) return undefined;
    const applying = stepsThatApply(steps, ctx);
    if (applying instanceof Promise) return applying.then((left) => messageSteps(left, phase));
    return this.flows.length === 1 ? ownMessageSteps(applying, phase) : messageSteps(applying, phase);
  }

  #steps(phase: Phase): readonly Step[] {
    const { flows } = this;
    if (flows.length === 0) return NO_STEPS;
    return flows.length === 1 ? (flows[0] as Flow).steps[phase] : flows.flatMap(({ steps }) => steps[phase]);
  }
}

/** By the steps of a flow, which live as long as it does. */
const ownSteps = new WeakMap<readonly Step[], readonly MessageStep[] | null>();

/** The steps of one flow as functions, made once. Those of each phase are a list of their own. */
function ownMessageSteps(
  steps: readonly Step[],
  phase: 'publish' | 'subscribe',
): readonly MessageStep[] | undefined {
  let made = ownSteps.get(steps);
  if (made === undefined) {
    made = messageSteps(steps, phase) ?? null;
    ownSteps.set(steps, made);
  }
  return made ?? undefined;
}

const NO_STEPS: readonly Step[] = [];

/**
 * One after the other, conditions too: a step may set what the next one asks for. At once where none has to be waited for.
 * @param from the first of them that is still to run
 */
function runAll(
  steps: readonly Step[],
  ctx: ExecutionContext,
  run: (step: Step) => MaybePromise<void>,
  from = 0,
): MaybePromise<void> {
  try {
    for (let at = from; at < steps.length; at++) {
      const step = steps[at] as Step;
      const holds = step.condition?.holds(ctx) ?? true;
      const done =
        holds instanceof Promise
          ? holds.then((yes) => (yes ? run(step) : undefined))
          : holds
            ? run(step)
            : undefined;
      if (done instanceof Promise) return done.then(() => runAll(steps, ctx, run, at + 1), refuse);
    }
  } catch (thrown) {
    refuse(thrown);
  }
}

function refuse(thrown: unknown): never {
  throw policyError(thrown);
}

/** Of an exchange without flows. */
export const NO_FLOWS = new ExchangeFlows([]);

/** Selects the flows of an exchange, once. @throws SluiceError `FLOW_EXECUTION_FLOW_MATCHED_FAILURE` */
export function flowsOf(
  plan: FlowPlan,
  ctx: ExecutionContext,
  request: FlowRequest,
): MaybePromise<ExchangeFlows> {
  if (plan.levels.length === 0 && !plan.matchRequired) return NO_FLOWS;
  return chosenFlows(plan, ctx, request);
}

/** Level by level: the conditions of one may ask for what the one before has matched. */
function chosenFlows(
  plan: FlowPlan,
  ctx: ExecutionContext,
  request: FlowRequest,
  before: readonly Flow[] = [],
  from = 0,
): MaybePromise<ExchangeFlows> {
  let flows = before;
  for (let at = from; at < plan.levels.length; at++) {
    const level = plan.levels[at] as readonly Flow[];
    if (level.length === 0) continue;
    const selected = selectFlows(level, ctx, request, plan.bestMatch);
    if (selected instanceof Promise)
      return selected.then((more) => chosenFlows(plan, ctx, request, [...flows, ...more], at + 1));
    flows = flows.length === 0 ? selected : flows.concat(selected);
  }
  if (flows.length === 0 && plan.matchRequired) throw new SluiceError('FLOW_EXECUTION_FLOW_MATCHED_FAILURE');
  return flows.length === 0 ? NO_FLOWS : new ExchangeFlows(flows);
}
