import type { Condition, Phase } from '../../contract/policy.js';
import type { StepDefinition } from '../../definition/model.js';
import { POLICY_GROUP_STEP } from '../../definition/policy-group.js';
import { formatPath, type JsonPath } from '../../definition/problem.js';
import { suggestion } from '../../definition/validator.js';
import type { DeployProblem } from '../deploy-problems.js';
import type { FlowCompiler } from './compile-flows.js';
import type { Step } from './step.js';

/** What compiles the steps of a flow, and so those of a group. */
interface CompileFunctions {
  compileSteps(
    steps: readonly StepDefinition[],
    phase: Phase,
    path: JsonPath,
    compiler: FlowCompiler,
  ): readonly Step[];
  compileCondition(text: string | undefined, path: JsonPath, compiler: FlowCompiler): Condition | undefined;
}

/** The steps of a shared policy group, each under the conditions of the step that names it. */
export function groupSteps(
  step: StepDefinition,
  phase: Phase,
  path: JsonPath,
  compiler: FlowCompiler,
  { compileSteps, compileCondition }: CompileFunctions,
): readonly Step[] {
  const where = [...path, 'configuration', 'sharedPolicyGroupId'];
  const report = (message: string) => {
    compiler.problems.push({ severity: 'error', path: where, message });
    return [];
  };
  const { sharedPolicyGroupId: id } = step.configuration;
  if (typeof id !== 'string') return report('the id of a shared policy group must stand here');
  const group = compiler.groups.find((one) => one.id === id || one.crossId === id);
  if (group === undefined) {
    const known = compiler.groups.map((one) => one.id);
    return report(`no file *.policy-group.json has the group "${id}"${suggestion(id, known)}`);
  }
  if (group.phase !== undefined && group.phase.toLowerCase() !== phase) {
    return report(`the group "${id}" is for the phase ${group.phase.toLowerCase()}, and stands in ${phase}`);
  }
  if (group.steps.some(({ policy }) => policy.toLowerCase() === POLICY_GROUP_STEP)) {
    return report(`the group "${id}" names another group; write the steps of that one into it`);
  }
  const found: DeployProblem[] = [];
  const steps = compileSteps(group.steps, phase, ['steps'], { ...compiler, problems: found });
  for (const problem of found) {
    const message = `in the group "${id}", ${formatPath(problem.path)}: ${problem.message}`;
    compiler.problems.push({ ...problem, path: where, message });
  }
  const outer = compileCondition(step.condition, [...path, 'condition'], compiler);
  const outerMessage = compileCondition(step.messageCondition, [...path, 'messageCondition'], compiler);
  return steps.map(({ policy, condition, messageCondition }) => ({
    policy,
    ...optional('condition', both(outer, condition)),
    ...optional('messageCondition', both(outerMessage, messageCondition)),
  }));
}

function optional<K extends string>(
  name: K,
  condition: Condition | undefined,
): { readonly [name in K]?: Condition } {
  return condition === undefined ? {} : ({ [name]: condition } as { readonly [name in K]: Condition });
}

/** Both must hold; the second is asked when the first does. */
function both(first: Condition | undefined, second: Condition | undefined): Condition | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return {
    async holds(ctx, message) {
      return (await first.holds(ctx, message)) && (await second.holds(ctx, message));
    },
  };
}
