import type { ExecutionContext } from '../../contract/context.js';
import type { Mode } from '../../contract/entrypoint.js';
import type { Condition, MaybePromise, Phase } from '../../contract/policy.js';
import { type Channel, isBetter } from './channel.js';
import type { Step } from './step.js';

/** A flow, compiled when its API was deployed. A selector that is absent selects everything. */
export interface Flow {
  readonly name: string;
  readonly channel?: Channel;
  readonly operations: readonly Mode[];
  /** Ids of entrypoints; empty means all. */
  readonly entrypoints: readonly string[];
  readonly condition?: Condition;
  readonly steps: Readonly<Record<Phase, readonly Step[]>>;
}

/** Of a request: which entrypoint took it, and what that does. */
export interface FlowRequest {
  readonly entrypoint: string;
  readonly modes: readonly Mode[];
}

/** A flow that a request selects, and its path parameters. */
interface Selected {
  readonly flow: Flow;
  readonly params: ReadonlyMap<string, string>;
}

/**
 * The flows of one level (a plan, or the API) that a request selects, in order; at once where no condition has to be
 * waited for. Conditions are evaluated here, once. Sets the path parameters of what matched.
 * @throws SluiceError when a condition cannot be evaluated
 */
export function selectFlows(
  flows: readonly Flow[],
  ctx: ExecutionContext,
  request: FlowRequest,
  bestMatch: boolean,
): MaybePromise<readonly Flow[]> {
  const path = ctx.request.pathInfo;
  const fitting: Selected[] = [];
  let isConditional = false;
  for (const flow of flows) {
    const params = flow.channel === undefined ? NO_PARAMS : flow.channel.match(path);
    if (params === undefined || !isMeant(flow, request)) continue;
    fitting.push({ flow, params });
    if (flow.condition !== undefined) isConditional = true;
  }
  return isConditional
    ? holding(fitting, ctx).then((selected) => taken(selected, ctx, bestMatch))
    : taken(fitting, ctx, bestMatch);
}

async function holding(fitting: readonly Selected[], ctx: ExecutionContext): Promise<readonly Selected[]> {
  const selected: Selected[] = [];
  for (const one of fitting) {
    const { condition } = one.flow;
    if (condition === undefined || (await condition.holds(ctx))) selected.push(one);
  }
  return selected;
}

function taken(selected: readonly Selected[], ctx: ExecutionContext, bestMatch: boolean): readonly Flow[] {
  const path = ctx.request.pathInfo;
  const kept = bestMatch ? selected.filter((one) => one === best(selected, path)) : selected;
  for (const { params } of kept) for (const [name, value] of params) ctx.request.pathParams.set(name, value);
  return kept.map(({ flow }) => flow);
}

const NO_PARAMS: ReadonlyMap<string, string> = new Map();

function isMeant(flow: Flow, { entrypoint, modes }: FlowRequest): boolean {
  const operation = flow.operations.length === 0 || flow.operations.some((mode) => modes.includes(mode));
  return operation && (flow.entrypoints.length === 0 || flow.entrypoints.includes(entrypoint));
}

/** The flow that fits the path best; of equals the first. */
function best<T extends { readonly flow: Flow }>(selected: readonly T[], path: string): T | undefined {
  let found: T | undefined;
  for (const one of selected) {
    if (found === undefined || isBetter(scoreOf(one.flow, path), scoreOf(found.flow, path))) found = one;
  }
  return found;
}

function scoreOf({ channel }: Flow, path: string): readonly number[] {
  return channel?.score(path) ?? [];
}
