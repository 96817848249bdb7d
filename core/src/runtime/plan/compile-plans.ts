import type { Condition } from '../../contract/policy.js';
import type { PlanSecurity } from '../../contract/security.js';
import type { ApiDefinition, PlanDefinition } from '../../definition/model.js';
import type { JsonPath } from '../../definition/problem.js';
import { type DataContents, dataOf } from '../data-files.js';
import { configurationProblems, isError } from '../deploy-problems.js';
import { compileFlows, type FlowCompiler, flowPlan } from '../flow/compile-flows.js';
import type { Flow } from '../flow/flow.js';
import type { RunningPlan } from './plan.js';

/** What plans are compiled with. */
export interface PlanCompiler extends FlowCompiler {
  readonly data: DataContents;
}

const BOTH = ['publish', 'subscribe'] as const;

/**
 * The plans of a definition that are in use, in the order they are asked: as written, those that take everybody
 * last. A definition without plans is open to all.
 */
export function compilePlans(definition: ApiDefinition, compiler: PlanCompiler): readonly RunningPlan[] {
  const plans = definition.plans ?? [];
  // Once, not once a plan: a step that counts must count for all of them together.
  const ofApi = compileFlows(definition.flows, ['flows'], compiler);
  if (plans.length === 0) {
    return [{ mode: 'standard', operations: BOTH, flows: flowPlan(definition, [ofApi]) }];
  }
  const running = plans.flatMap((plan, index) => {
    if (plan.status === 'closed' || plan.status === 'staging') return [];
    return [compilePlan(definition, plan, index, ofApi, compiler)];
  });
  const http = definition.listeners.some(({ type }) => type === 'http');
  if (http && !running.some(({ mode }) => mode === 'standard')) {
    const message = 'no plan of mode "standard" is published: every request will be answered 401';
    compiler.problems.push({ severity: 'warning', path: ['plans'], message });
  }
  return running.sort((a, b) => Number(a.security === undefined) - Number(b.security === undefined));
}

function compilePlan(
  definition: ApiDefinition,
  plan: PlanDefinition,
  index: number,
  ofApi: readonly Flow[],
  compiler: PlanCompiler,
): RunningPlan {
  const path: JsonPath = ['plans', index];
  const security = plan.mode === 'push' ? undefined : compileSecurity(definition.id, plan, path, compiler);
  const rule = compileRule(plan.selectionRule, [...path, 'selectionRule'], compiler);
  return {
    id: plan.id,
    mode: plan.mode,
    ...(security === undefined ? {} : { security }),
    ...(rule === undefined ? {} : { rule }),
    operations: plan.operations,
    flows: flowPlan(definition, [compileFlows(plan.flows, [...path, 'flows'], compiler), ofApi]),
  };
}

function compileSecurity(
  apiId: string,
  plan: PlanDefinition,
  path: JsonPath,
  { registry, host, expressions, problems, data }: PlanCompiler,
): PlanSecurity | undefined {
  const type = plan.security?.type.toLowerCase().replaceAll('_', '-') ?? 'key-less';
  if (type === 'key-less') return undefined;
  const report = (where: JsonPath, message: string) => {
    problems.push({ severity: 'error', path: where, message });
    return undefined;
  };
  const plugin = registry.find('security', type);
  if (typeof plugin === 'string') {
    return report([...path, 'security', 'type'], `${plugin}; the API is not served without it`);
  }
  const configuration = structuredClone(plan.security?.configuration ?? {});
  const found = configurationProblems(plugin.validate(configuration), [...path, 'security', 'configuration']);
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
    return expressions.condition(rule);
  } catch (error) {
    problems.push({
      severity: 'error',
      path,
      message: error instanceof Error ? error.message : String(error),
    });
    return undefined;
  }
}
