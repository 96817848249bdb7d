import { withoutEffect } from '../definition/format/members.js';
import type { ApiDefinition } from '../definition/model.js';
import type { JsonPath } from '../definition/problem.js';
import { isIgnored, type SchemaProblem } from '../definition/validator.js';
import type { ExpressionPlace } from './expression-paths.js';

/** A problem of a definition that only shows against this runtime. */
export interface DeployProblem {
  readonly path: JsonPath;
  readonly message: string;
  readonly severity: 'error' | 'warning';
}

/**
 * The problems of a plugin's configuration that stands at `path`. The format ignores options it does not know, and
 * so do we, with a warning; one that is nearly the name of an option of ours is an error.
 */
export function configurationProblems(
  found: readonly SchemaProblem[],
  path: JsonPath,
): readonly DeployProblem[] {
  return found.map((problem) => {
    const ignored = isIgnored(problem);
    return {
      path: [...path, ...problem.path],
      message: ignored ? `${problem.message}; it is ignored` : problem.message,
      severity: ignored || problem.harmless === true ? 'warning' : 'error',
    };
  });
}

/** Whether a problem keeps an API from being deployed. */
export const isError = ({ severity }: DeployProblem): boolean => severity === 'error';

/** What a definition asks for and this runtime does not do, where serving without it is less and not wrong. */
export function unsupported(definition: ApiDefinition): readonly DeployProblem[] {
  return withoutEffect(definition).map(({ path, reason }) => ({
    severity: 'warning',
    path,
    message: `it has no effect: ${reason}`,
  }));
}

/** The endpoints and groups that hold what could not be delivered. */
export function deadLetterTargets(definition: ApiDefinition): ReadonlySet<string> {
  const entrypoints = definition.listeners.flatMap((listener) => listener.entrypoints);
  return new Set(entrypoints.flatMap(({ dlq }) => (dlq === undefined ? [] : [dlq.endpoint])));
}

/**
 * The problems of expressions in a configuration that stands at `path`, which nothing evaluates here: taken literally they
 * would be wrong.
 * @param allowed places in the configuration whose expressions the plugin evaluates itself
 */
export function expressionProblems(
  expressions: readonly ExpressionPlace[],
  path: JsonPath,
  allowed: readonly JsonPath[],
): readonly DeployProblem[] {
  return expressions
    .filter(
      (found) =>
        !allowed.some((place) => place.every((step, index) => String(step) === String(found.path[index]))),
    )
    .map((found) => ({
      path: [...path, ...found.path],
      severity: 'error',
      message: 'expressions are not evaluated here; write a fixed value',
    }));
}
