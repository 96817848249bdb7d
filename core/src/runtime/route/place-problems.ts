import type { ListenerDefinition } from '../../definition/model.js';
import type { JsonPath } from '../../definition/problem.js';
import type { DeployProblem } from '../deploy-problems.js';
import { listenedHost } from './canonical-host.js';
import { pathDoubt, pathProblem } from './canonical-path.js';

/** The paths and hosts of a listener that nobody can reach, and what of its hosts has no effect. */
export function placeProblems(listener: ListenerDefinition, at: JsonPath): readonly DeployProblem[] {
  if (listener.type === 'subscription') {
    if (listener.paths.length === 0) return [];
    const message = 'it has no effect: nobody connects to a subscription listener';
    return [{ severity: 'warning', path: at, message }];
  }
  return listener.paths.flatMap(({ host: written, path }, index): DeployProblem[] => {
    const problems: DeployProblem[] = [];
    const wrong = pathProblem(path);
    if (wrong !== undefined)
      problems.push({ severity: 'error', path: [...at, index, 'path'], message: wrong });
    const doubt = wrong === undefined ? pathDoubt(path) : undefined;
    if (doubt !== undefined)
      problems.push({ severity: 'warning', path: [...at, index, 'path'], message: doubt });
    const { problem, ignored } = listenedHost(written);
    const place = [...at, index, 'host'];
    if (problem !== undefined) problems.push({ severity: 'error', path: place, message: problem });
    if (ignored !== undefined) {
      const message = `${ignored} is not looked at: the host is served on the port of the gateway`;
      problems.push({ severity: 'warning', path: place, message });
    }
    return problems;
  });
}
