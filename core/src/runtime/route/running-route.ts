import type { ApiDefinition } from '../../definition/model.js';
import { type CorsPolicy, corsPolicy } from '../cors-policy.js';
import type { DeployProblem } from '../deploy-problems.js';
import { placeProblems } from './place-problems.js';
import { type Route, routeOf } from './router.js';

/** A path that a running API listens on; `cors` is absent where its listener has none. */
export interface RunningRoute extends Route {
  readonly cors?: CorsPolicy;
}

/** The routes of a definition; what is wrong with its paths and hosts is added to `problems`. */
export function routesOf(definition: ApiDefinition, problems: DeployProblem[]): readonly RunningRoute[] {
  return definition.listeners.flatMap((listener, index) => {
    problems.push(...placeProblems(listener, ['listeners', index, 'paths']));
    if (listener.type !== 'http') return [];
    const cors = corsPolicy(listener, ['listeners', index, 'cors'], problems);
    const more = cors === undefined ? {} : { cors };
    return listener.paths.map(({ host, path }) => ({ ...routeOf(host, path), ...more }));
  });
}
