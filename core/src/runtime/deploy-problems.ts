import type { ApiDefinition } from '../definition/model.js';
import type { JsonPath } from '../definition/problem.js';

/** A problem of a definition that only shows against this runtime. */
export interface DeployProblem {
  readonly path: JsonPath;
  readonly message: string;
  readonly severity: 'error' | 'warning';
}

/**
 * What a definition asks for and this runtime does not do: an error where serving without it would be wrong
 * (a policy left out, an API left open), a warning where it would only be less.
 */
export function unsupported(definition: ApiDefinition): readonly DeployProblem[] {
  const problems: DeployProblem[] = [];
  definition.plans?.forEach((plan, index) => {
    const security = plan.security?.type.toLowerCase().replaceAll('_', '-');
    if (plan.status === 'closed' || plan.status === 'staging') return;
    if (plan.mode === 'push' || security === undefined || security === 'key-less') return;
    const message = `no plan security "${security}" is installed, and the API is not served without it; key-less is there`;
    problems.push({ severity: 'error', path: ['plans', index, 'security', 'type'], message });
  });
  const open = (definition.plans ?? []).filter(
    ({ mode, status }) => mode === 'standard' && status !== 'closed',
  );
  if (open.length > 1 && open.slice(1).some(({ flows }) => flows.length > 0)) {
    const message = `no request chooses between plans yet: the flows of the plan "${open[0]?.id}" run, the others' do not`;
    problems.push({ severity: 'warning', path: ['plans'], message });
  }
  const warn = (path: JsonPath, message: string) => problems.push({ severity: 'warning', path, message });
  if (Object.keys(definition.responseTemplates).length > 0) {
    warn(
      ['responseTemplates'],
      'response templates have no effect; errors are answered as docs/errors.md says',
    );
  }
  definition.listeners.forEach((listener, index) => {
    if (listener.cors.enabled) warn(['listeners', index, 'cors'], 'CORS is not answered; it has no effect');
  });
  definition.endpointGroups.forEach((group, index) => {
    if (group.endpoints.length > 1 || index > 0) {
      const path = ['endpointGroups', index, ...(index > 0 ? [] : ['endpoints', 1])];
      warn(path, 'only the first endpoint of the first group that fits an entrypoint is used');
    }
  });
  return problems;
}

/** Where a configuration holds expressions, which nothing evaluates here: taken literally they would be wrong. */
export function findExpressions(value: unknown, path: JsonPath): readonly DeployProblem[] {
  if (typeof value === 'string' && /\{(#|\(|T\()/.test(value)) {
    return [{ severity: 'error', path, message: 'expressions are not evaluated here; write a fixed value' }];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => findExpressions(item, [...path, index]));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, member]) => findExpressions(member, [...path, name]));
  }
  return [];
}
