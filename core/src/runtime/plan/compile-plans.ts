import type { Condition } from '../../contract/policy.js';
import type { ApiDefinition, PlanDefinition } from '../../definition/model.js';
import type { JsonPath } from '../../definition/problem.js';
import { compileFlows, flowPlan } from '../flow/compile-flows.js';
import type { FlowPlan } from '../flow/flow-engine.js';
import { isForGateway } from '../serves.js';
import { compileSecurity, type Uninstalled } from './compile-security.js';
import type { RunningPlan } from './plan.js';
import type { PlanCompiler } from './plan-compiler.js';
import { planProblems, uninstalledProblems } from './plan-problems.js';

const BOTH = ['publish', 'subscribe'] as const;

/** The plans of a definition that are in use, and the flows of the API alone. */
export interface CompiledPlans {
  /** In the order they are asked: as written, those that take everybody last. */
  readonly standard: readonly RunningPlan[];
  /** The flows of each push plan, by its id. */
  readonly push: ReadonlyMap<string, FlowPlan>;
  readonly api: FlowPlan;
}

/** A definition without plans is open to all. */
export function compilePlans(definition: ApiDefinition, compiler: PlanCompiler): CompiledPlans {
  const plans = definition.plans ?? [];
  // Once, not once a plan: a step that counts must count for all of them together.
  const ofApi = compileFlows(definition.flows, ['flows'], compiler);
  const api = flowPlan(definition, [ofApi]);
  if (plans.length === 0) return { standard: [{ operations: BOTH, flows: api }], push: new Map(), api };
  const standard: RunningPlan[] = [];
  const uninstalled: Uninstalled[] = [];
  compiler.problems.push(...plans.flatMap((plan, index) => planProblems(plan, index, plans)));
  const push = new Map<string, FlowPlan>();
  for (const [index, plan] of plans.entries()) {
    if (plan.status === 'closed' || plan.status === 'staging') continue;
    if (!isForGateway(plan, compiler.tags)) continue;
    const ofPlan = compileFlows(plan.flows, ['plans', index, 'flows'], compiler);
    const flows = flowPlan(definition, [ofPlan, ofApi]);
    if (plan.mode === 'push') push.set(plan.id, flows);
    else standard.push(compilePlan(definition.id, plan, ['plans', index], flows, compiler, uninstalled));
  }
  if (standard.length === 0 && definition.listeners.some(({ type }) => type === 'http')) {
    const message = 'no plan of mode "standard" is published: every request will be answered 401';
    compiler.problems.push({ severity: 'warning', path: ['plans'], message });
  }
  compiler.problems.push(...uninstalledProblems(uninstalled, standard.length, compiler.strict === true));
  standard.sort((a, b) => Number(a.security === undefined) - Number(b.security === undefined));
  return { standard, push, api };
}

function compilePlan(
  apiId: string,
  plan: PlanDefinition,
  path: JsonPath,
  flows: FlowPlan,
  compiler: PlanCompiler,
  uninstalled: Uninstalled[],
): RunningPlan {
  const security = compileSecurity(apiId, plan, path, compiler, uninstalled);
  const rule = compileRule(plan.selectionRule, [...path, 'selectionRule'], compiler);
  return {
    id: plan.id,
    ...(security === undefined ? {} : { security }),
    ...(rule === undefined ? {} : { rule }),
    operations: plan.operations,
    flows,
  };
}

function compileRule(
  text: string | undefined,
  path: JsonPath,
  { expressions, problems }: PlanCompiler,
): Condition | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  // The format writes a rule with and without the braces of a template.
  const rule = text.trim().startsWith('#') ? `{${text.trim()}}` : text;
  try {
    return expressions.accessRule(rule);
  } catch (error) {
    problems.push({
      severity: 'error',
      path,
      message: error instanceof Error ? error.message : String(error),
    });
    return undefined;
  }
}
