import type { ExecutionContext, ResponseInfo } from '../../contract/context.js';
import { SluiceError } from '../../contract/errors.js';
import type { Phase } from '../../contract/policy.js';
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
  async request(ctx: ExecutionContext): Promise<void> {
    await this.#run('request', ctx, async ({ policy }) => policy.onRequest?.(ctx));
  }

  /** Runs the response phase. @throws SluiceError of the policy that ends the request */
  async response(ctx: ExecutionContext, response: ResponseInfo): Promise<void> {
    await this.#run('response', ctx, async ({ policy }) => policy.onResponse?.(ctx, response));
  }

  /** The steps that each message takes; undefined when there are none, so that messages need not be touched. */
  async messages(
    phase: 'publish' | 'subscribe',
    ctx: ExecutionContext,
  ): Promise<readonly MessageStep[] | undefined> {
    const steps = this.#steps(phase);
    return steps.length === 0 ? undefined : messageSteps(await stepsThatApply(steps, ctx), phase);
  }

  async #run(
    phase: 'request' | 'response',
    ctx: ExecutionContext,
    run: (step: Step) => Promise<void>,
  ): Promise<void> {
    // One after the other, conditions too: a step may set what the next one asks for.
    for (const step of this.#steps(phase)) {
      try {
        if (step.condition === undefined || (await step.condition.holds(ctx))) await run(step);
      } catch (thrown) {
        throw policyError(thrown);
      }
    }
  }

  #steps(phase: Phase): readonly Step[] {
    return this.flows.flatMap(({ steps }) => steps[phase]);
  }
}

/** Of an exchange without flows. */
export const NO_FLOWS = new ExchangeFlows([]);

/** Selects the flows of an exchange, once. @throws SluiceError `FLOW_EXECUTION_FLOW_MATCHED_FAILURE` */
export async function flowsOf(
  plan: FlowPlan,
  ctx: ExecutionContext,
  request: FlowRequest,
): Promise<ExchangeFlows> {
  if (plan.levels.length === 0 && !plan.matchRequired) return NO_FLOWS;
  const flows: Flow[] = [];
  for (const level of plan.levels) {
    flows.push(...(await selectFlows(level, ctx, request, plan.bestMatch)));
  }
  if (flows.length === 0 && plan.matchRequired) throw new SluiceError('FLOW_EXECUTION_FLOW_MATCHED_FAILURE');
  return flows.length === 0 ? NO_FLOWS : new ExchangeFlows(flows);
}
