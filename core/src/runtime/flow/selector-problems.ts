import type { FlowDefinition } from '../../definition/model.js';
import type { JsonPath } from '../../definition/problem.js';
import type { DeployProblem } from '../deploy-problems.js';

/** The selectors of a flow that have no effect: only the first of each type is evaluated. */
export function selectorProblems({ selectors }: FlowDefinition, at: JsonPath): readonly DeployProblem[] {
  return selectors.flatMap(({ type }, index): DeployProblem[] => {
    const isEvaluated = type === 'channel' || type === 'condition';
    if (!isEvaluated || selectors.findIndex((one) => one.type === type) === index) return [];
    const message = `it has no effect: a selector of type ${type} precedes it`;
    return [{ severity: 'warning', path: [...at, index], message }];
  });
}
