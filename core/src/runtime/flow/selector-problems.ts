import type { FlowDefinition } from '../../definition/model.js';
import type { JsonPath } from '../../definition/problem.js';
import type { DeployProblem } from '../deploy-problems.js';

/** The selectors of a flow that have no effect: of those of one type the first alone is asked. */
export function selectorProblems({ selectors }: FlowDefinition, at: JsonPath): readonly DeployProblem[] {
  return selectors.flatMap(({ type }, index): DeployProblem[] => {
    const isAsked = type === 'channel' || type === 'condition';
    if (!isAsked || selectors.findIndex((one) => one.type === type) === index) return [];
    const message = `another selector of type ${type} stands before it: it has no effect`;
    return [{ severity: 'warning', path: [...at, index], message }];
  });
}
