/** A path that an API listens on. `path` is normalized: it starts and ends with a slash. */
export interface Route {
  /** Lower case, without a port; absent means any host. */
  readonly host?: string;
  readonly path: string;
}

/** What a request's host and path led to. */
export interface RouteMatch<T> {
  readonly target: T;
  readonly contextPath: string;
  /** The rest of the path, starting with a slash. */
  readonly pathInfo: string;
}

const ANY_HOST = '';

/** A path with one slash between segments, one at the start and one at the end. */
export function normalizePath(path: string): string {
  return `/${path}/`.replace(/\/{2,}/g, '/');
}

/** A listener's path as a route; an absent or empty host is any host. */
export function routeOf(host: string | undefined, path: string): Route {
  const named = host === undefined || host === '' ? {} : { host: host.toLowerCase() };
  return { path: normalizePath(path), ...named };
}

/** Finds who listens on a host and path: a listener that names the host wins, then the longest path. */
export class Router<T> {
  readonly #hosts = new Map<string, Map<string, T>>();

  /** Who already listens on exactly this route. */
  owner(route: Route): T | undefined {
    return this.#hosts.get(route.host ?? ANY_HOST)?.get(route.path);
  }

  /** Adds a route, or replaces its target. */
  set(route: Route, target: T): void {
    const host = route.host ?? ANY_HOST;
    const paths = this.#hosts.get(host) ?? new Map<string, T>();
    paths.set(route.path, target);
    this.#hosts.set(host, paths);
  }

  delete(route: Route): void {
    this.#hosts.get(route.host ?? ANY_HOST)?.delete(route.path);
  }

  /** `host` may carry a port. Costs one look-up a path segment, however many routes there are. */
  find(host: string, path: string): RouteMatch<T> | undefined {
    const normal = normalizePath(path);
    const name = host.toLowerCase().replace(/:\d+$/, '');
    return this.#longest(this.#hosts.get(name), normal) ?? this.#longest(this.#hosts.get(ANY_HOST), normal);
  }

  #longest(paths: ReadonlyMap<string, T> | undefined, path: string): RouteMatch<T> | undefined {
    if (paths === undefined || paths.size === 0) return undefined;
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 2) + 1) {
      const contextPath = path.slice(0, end);
      const target = paths.get(contextPath);
      if (target !== undefined) {
        const rest = path.slice(end, -1);
        return { target, contextPath, pathInfo: `/${rest}` };
      }
    }
    return undefined;
  }
}
