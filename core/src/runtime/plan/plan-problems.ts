import type { PlanDefinition } from '../../definition/model.js';
import type { DeployProblem } from '../deploy-problems.js';
import type { Uninstalled } from './compile-security.js';

/** What is wrong with a plan among the others, and which of its members have no effect. */
export function planProblems(
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
    const message = 'it has no effect: subscriptions to a push plan are made over the management API';
    problems.push({ severity: 'warning', path: ['plans', index, name], message });
  }
  return problems;
}

/**
 * The problems of plans whose security is not installed: warnings where others work.
 * @param plans how many there are that take requests
 */
export function uninstalledProblems(
  uninstalled: readonly Uninstalled[],
  plans: number,
  strict: boolean,
): readonly DeployProblem[] {
  const severity = strict || uninstalled.length === plans ? 'error' : 'warning';
  const end = severity === 'error' ? 'the API is not served without it' : 'the plan takes nobody';
  return uninstalled.map(({ path, message }) => ({ severity, path, message: `${message}; ${end}` }));
}
