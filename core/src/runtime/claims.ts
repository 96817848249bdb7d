import type { LoadedDefinition } from '../definition/load.js';
import type { ApiDefinition } from '../definition/model.js';
import type { Problem } from '../definition/problem.js';
import { Router, routeOf } from './route/router.js';

/** The ids and paths that definitions have taken, so that the next one is refused what is taken. */
export class Claims {
  readonly #ids = new Set<string>();
  readonly #routes = new Router<string>();

  /** What a definition asks for and another has: its id, or one of its paths. */
  conflicts(loaded: LoadedDefinition): readonly Problem[] {
    const { definition } = loaded;
    if (definition === undefined) return [];
    if (this.#ids.has(definition.id)) {
      return [loaded.problem(['id'], `an API with the id "${definition.id}" is already deployed`)];
    }
    const problems: Problem[] = [];
    definition.listeners.forEach((listener, listenerIndex) => {
      if (listener.type !== 'http') return;
      listener.paths.forEach(({ host, path }, index) => {
        const owner = this.#routes.owner(routeOf(host, path));
        if (owner === undefined) return;
        const where = ['listeners', listenerIndex, 'paths', index, 'path'];
        problems.push(loaded.problem(where, `the API "${owner}" already listens on ${host ?? ''}${path}`));
      });
    });
    return problems;
  }

  /** Takes what a definition asks for. */
  add(definition: ApiDefinition): void {
    this.#ids.add(definition.id);
    for (const listener of definition.listeners) {
      if (listener.type !== 'http') continue;
      for (const { host, path } of listener.paths) this.#routes.set(routeOf(host, path), definition.id);
    }
  }
}
