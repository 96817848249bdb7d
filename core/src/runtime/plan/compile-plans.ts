import type { Condition } from '../../contract/policy.js';
import type { PlanSecurity } from '../../contract/security.js';
import type { ApiDefinition, PlanDefinition } from '../../definition/model.js';
import type { JsonPath } from '../../definition/problem.js';
import { type DataContents, dataOf } from '../data-files.js';
import { configurationProblems, type DeployProblem, isError } from '../deploy-problems.js';
import type { ApiExpressions } from '../expressions.js';
import { compileFlows, type FlowCompiler, flowPlan } from '../flow/compile-flows.js';
import type { FlowPlan } from '../flow/flow-engine.js';
import { isForGateway } from '../serves.js';
import type { RunningPlan } from './plan.js';
import { refusingSecurity } from './refusing-security.js';

/** What plans are compiled with. */
export interface PlanCompiler extends FlowCompiler {
  readonly data: DataContents;
  readonly expressions: ApiExpressions;
  /** Whether a plan whose security is not installed keeps the API from being served though others would work. */
  readonly strict?: boolean;
}

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
  const severity = compiler.strict === true || uninstalled.length === standard.length ? 'error' : 'warning';
  for (const { path, message } of uninstalled) {
    const end = severity === 'error' ? 'the API is not served without it' : 'the plan takes nobody';
    compiler.problems.push({ severity, path, message: `${message}; ${end}` });
  }
  standard.sort((a, b) => Number(a.security === undefined) - Number(b.security === undefined));
  return { standard, push, api };
}

/** What is wrong with a plan beside the others, and what of it has no effect. */
function planProblems(
  { id, mode, selectionRule, security }: PlanDefinition,
  index: number,
  plans: readonly PlanDefinition[],
): readonly DeployProblem[] {
  const problems: DeployProblem[] = [];
  if (plans.findIndex((plan) => plan.id === id) !== index) {
    const message = `another plan has the id "${id}"`;
    problems.push({ severity: 'error', path: ['plans', index, 'id'], message });
  }
  if (mode !== 'push') return problems;
  for (const [name, value] of Object.entries({ selectionRule, security })) {
    if (value === undefined) continue;
    const message =
      'it has no effect: subscriptions to a push plan are made by whoever has the management API';
    problems.push({ severity: 'warning', path: ['plans', index, name], message });
  }
  return problems;
}

/** A plan whose security is not installed: where it says so, and what is missing. */
interface Uninstalled {
  readonly path: JsonPath;
  readonly message: string;
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

/** The id of a plan's security; `key-less` is no plugin. */
export function securityTypeOf({ security }: PlanDefinition): string {
  return security?.type.toLowerCase().replaceAll('_', '-') ?? 'key-less';
}

function compileSecurity(
  apiId: string,
  plan: PlanDefinition,
  path: JsonPath,
  { registry, host, expressions, problems, data }: PlanCompiler,
  uninstalled: Uninstalled[],
): PlanSecurity | undefined {
  const type = securityTypeOf(plan);
  if (type === 'key-less') return undefined;
  const report = (where: JsonPath, message: string) => {
    problems.push({ severity: 'error', path: where, message });
    return undefined;
  };
  const plugin = registry.find('security', type);
  if (typeof plugin === 'string') {
    uninstalled.push({ path: [...path, 'security', 'type'], message: plugin });
    return refusingSecurity(plan.id, type);
  }
  const { value: configuration, problems: breaks } = plugin.written.check(plan.security?.configuration ?? {});
  const found = configurationProblems(breaks, [...path, 'security', 'configuration']);
  problems.push(...found);
  if (found.some(isError)) return undefined;
  try {
    const files = dataOf(data, plugin, apiId, plan.id);
    return plugin.create(configuration, { ...host, planId: plan.id, expressions, files });
  } catch (error) {
    return report(
      [...path, 'security', 'configuration'],
      error instanceof Error ? error.message : String(error),
    );
  }
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
