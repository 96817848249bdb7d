import type { Mode } from '../../contract/entrypoint.js';
import type { PluginHost } from '../../contract/plugin.js';
import type { Condition, Expressions, Phase } from '../../contract/policy.js';
import type {
  ApiDefinition,
  FlowDefinition,
  SelectorDefinition,
  StepDefinition,
} from '../../definition/model.js';
import { POLICY_GROUP_STEP, type PolicyGroupDefinition } from '../../definition/policy-group.js';
import type { JsonPath } from '../../definition/problem.js';
import { configurationProblems, type DeployProblem, isError } from '../deploy-problems.js';
import type { PluginRegistry } from '../registry.js';
import { isForGateway } from '../serves.js';
import { compileChannel } from './channel.js';
import type { Flow } from './flow.js';
import type { FlowPlan } from './flow-engine.js';
import { type ConditionGuard, guardedCondition } from './guarded-condition.js';
import { groupSteps } from './policy-groups.js';
import { selectorProblems } from './selector-problems.js';
import type { Step } from './step.js';

/** What flows are compiled with. */
export interface FlowCompiler {
  readonly registry: PluginRegistry;
  readonly host: PluginHost;
  readonly expressions: Expressions;
  /** Problems found are added here; with an error among them the API is not deployed. */
  readonly problems: DeployProblem[];
  /** The shared policy groups beside the definitions. */
  readonly groups: readonly PolicyGroupDefinition[];
  /** The tags of the gateway: flows of others are left out. */
  readonly tags?: readonly string[];
  /** What becomes of a request on which a flow's condition cannot be evaluated; `fail` when absent. */
  readonly onConditionFailure?: 'fail' | 'skip';
}

/** A flow plan of levels of flows, in the order they run; those without any are left out. */
export function flowPlan(
  { flowExecution: { mode, matchRequired } }: Pick<ApiDefinition, 'flowExecution'>,
  levels: readonly (readonly Flow[])[],
): FlowPlan {
  return {
    levels: levels.filter((flows) => flows.length > 0),
    bestMatch: mode === 'best-match',
    matchRequired,
  };
}

/** The flows of one level that are switched on, compiled. */
export function compileFlows(
  flows: readonly FlowDefinition[],
  path: JsonPath,
  compiler: FlowCompiler,
): readonly Flow[] {
  return flows.flatMap((flow, index) =>
    flow.enabled && isForGateway(flow, compiler.tags) ? [compileFlow(flow, [...path, index], compiler)] : [],
  );
}

function compileFlow(flow: FlowDefinition, path: JsonPath, compiler: FlowCompiler): Flow {
  const at = flow.selectors.findIndex(({ type }) => type === 'channel');
  const channel = flow.selectors[at];
  const conditionAt = flow.selectors.findIndex(({ type }) => type === 'condition');
  const condition = compileCondition(
    flow.selectors[conditionAt]?.condition,
    [...path, 'selectors', conditionAt, 'condition'],
    compiler,
  );
  compiler.problems.push(...selectorProblems(flow, [...path, 'selectors']));
  const steps = (phase: Phase) => compileSteps(flow[phase], phase, [...path, phase], compiler);
  return {
    name: flow.name,
    ...(channel === undefined ? {} : { channel: channelOf(channel) }),
    operations: (channel?.operations ?? []) as readonly Mode[],
    entrypoints: channel?.entrypoints ?? [],
    ...(condition === undefined
      ? {}
      : { condition: guardedCondition(condition, { flow: flow.name, ...guardOf(compiler) }) }),
    steps: {
      request: steps('request'),
      response: steps('response'),
      publish: steps('publish'),
      subscribe: steps('subscribe'),
    },
  };
}

function guardOf({ host, onConditionFailure = 'fail' }: FlowCompiler): Omit<ConditionGuard, 'flow'> {
  return { api: host.apiId, metrics: host.telemetry?.metrics, onFailure: onConditionFailure };
}

function channelOf({ channel = '/', channelOperator = 'starts-with' }: SelectorDefinition) {
  return compileChannel(channel, channelOperator);
}

function compileSteps(
  steps: readonly StepDefinition[],
  phase: Phase,
  path: JsonPath,
  compiler: FlowCompiler,
): readonly Step[] {
  return steps.flatMap((step, index) => {
    if (!step.enabled) return [];
    if (step.policy.toLowerCase() === POLICY_GROUP_STEP)
      return groupSteps(step, phase, [...path, index], compiler, { compileSteps, compileCondition });
    const compiled = compileStep(step, phase, [...path, index], compiler);
    return compiled === undefined ? [] : [compiled];
  });
}

function compileStep(
  step: StepDefinition,
  phase: Phase,
  path: JsonPath,
  compiler: FlowCompiler,
): Step | undefined {
  const { registry, host, expressions, problems } = compiler;
  const report = (where: JsonPath, message: string) => {
    problems.push({ severity: 'error', path: where, message });
    return undefined;
  };
  const plugin = registry.find('policy', step.policy);
  if (typeof plugin === 'string') return report([...path, 'policy'], plugin);
  if (!plugin.phases.includes(phase)) {
    const where = plugin.phases.join(', ');
    return report(
      [...path, 'policy'],
      `the policy "${plugin.id}" cannot stand in ${phase}; it can in ${where}`,
    );
  }
  const { value: configuration, problems: breaks } = plugin.written.check(step.configuration);
  const found = configurationProblems(breaks, [...path, 'configuration']);
  problems.push(...found);
  const condition = compileCondition(step.condition, [...path, 'condition'], compiler);
  const messageCondition = compileCondition(step.messageCondition, [...path, 'messageCondition'], compiler);
  if (found.some(isError)) return undefined;
  try {
    const policy = plugin.create(configuration, { ...host, expressions });
    return {
      policy,
      ...(condition === undefined ? {} : { condition }),
      ...(messageCondition === undefined ? {} : { messageCondition }),
    };
  } catch (error) {
    return report([...path, 'configuration'], error instanceof Error ? error.message : String(error));
  }
}

function compileCondition(
  text: string | undefined,
  path: JsonPath,
  { expressions, problems }: FlowCompiler,
): Condition | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  try {
    return expressions.condition(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    problems.push({ severity: 'error', path, message });
    return undefined;
  }
}
