import { hostOfRequest, listenedHost } from './canonical-host.js';
import { canonicalPath } from './canonical-path.js';

/** A path that an API listens on. `path` is normalized: it starts and ends with a slash. */
export interface Route {
  /** As `listenedHost` gives it; absent means any host. */
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
  if (path.startsWith('/') && !path.includes('//')) return path.endsWith('/') ? path : `${path}/`;
  return `/${path}/`.replace(/\/{2,}/g, '/');
}

/** A listener's path as a route; an absent or empty host is any host, and so is one that nobody can reach. */
export function routeOf(host: string | undefined, path: string): Route {
  const listened = listenedHost(host).host;
  return {
    path: canonicalPath(normalizePath(path)),
    ...(listened === undefined ? {} : { host: listened }),
  };
}

/**
 * Finds who listens on a host and path: a listener that names the host wins, then one whose host has `*` for its first
 * label, then the longest path.
 */
export class Router<T> {
  readonly #hosts = new Map<string, Map<string, T>>();
  /** No route has a longer path: a request with a path of thousands of segments costs no more than one with few. */
  #longestPath = 0;

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
    this.#longestPath = Math.max(this.#longestPath, route.path.length);
  }

  delete(route: Route): void {
    this.#hosts.get(route.host ?? ANY_HOST)?.delete(route.path);
  }

  /** `host` may carry a port. Costs one look-up a path segment of the longest route, however many routes there are. */
  find(host: string, path: string): RouteMatch<T> | undefined {
    const sent = normalizePath(path);
    const canonical = canonicalPath(sent);
    const match = this.#find(host, canonical);
    return match === undefined || canonical === sent ? match : { ...match, pathInfo: restOf(sent, match) };
  }

  #find(host: string, path: string): RouteMatch<T> | undefined {
    const any = this.#hosts.get(ANY_HOST);
    if (any !== undefined && this.#hosts.size === 1) return this.#longest(any, path);
    const name = hostOfRequest(host);
    const dot = name.indexOf('.');
    return (
      this.#longest(this.#hosts.get(name), path) ??
      (dot < 0 ? undefined : this.#longest(this.#hosts.get(`*${name.slice(dot)}`), path)) ??
      this.#longest(any, path)
    );
  }

  #longest(paths: ReadonlyMap<string, T> | undefined, path: string): RouteMatch<T> | undefined {
    if (paths === undefined || paths.size === 0) return undefined;
    const slashBefore = (end: number) => path.lastIndexOf('/', end) + 1;
    let end = path.length > this.#longestPath ? slashBefore(this.#longestPath - 1) : path.length;
    for (; end > 0; end = end > 1 ? slashBefore(end - 2) : 0) {
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

/** The rest of a path as it was sent: it has as many segments before it as the path that was found. */
function restOf(sent: string, { contextPath }: { readonly contextPath: string }): string {
  const rest = sent.split('/').slice(contextPath.split('/').length - 1, -1);
  return `/${rest.join('/')}`;
}
