import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestInfo } from '../contract/context.js';
import type { RouteMatch } from '../runtime/router.js';

const OWN_ID = /^[\w.:-]{1,128}$/;

/** The request as the contract shows it, read off node's own object; the costly members are made on first use. */
export class NodeRequestInfo implements RequestInfo {
  readonly id: string;
  readonly timestampMs = Date.now();
  readonly path: string;
  #contextPath = '/';
  #pathInfo = '/';
  #headers: ReadonlyMap<string, readonly string[]> | undefined;
  #query: URLSearchParams | undefined;

  constructor(private readonly incoming: IncomingMessage) {
    const given = incoming.headers['x-request-id'];
    this.id = typeof given === 'string' && OWN_ID.test(given) ? given : randomUUID();
    const queryAt = this.uri.indexOf('?');
    this.path = queryAt < 0 ? this.uri : this.uri.slice(0, queryAt);
  }

  get method(): string {
    return this.incoming.method ?? 'GET';
  }

  get uri(): string {
    return this.incoming.url ?? '/';
  }

  get contextPath(): string {
    return this.#contextPath;
  }

  get pathInfo(): string {
    return this.#pathInfo;
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.uri.slice(this.path.length));
    return this.#query;
  }

  get headers(): ReadonlyMap<string, readonly string[]> {
    this.#headers ??= new Map(
      Object.entries(this.incoming.headersDistinct).map(([name, values]) => [name, values ?? []]),
    );
    return this.#headers;
  }

  get scheme(): 'http' | 'https' {
    return 'encrypted' in this.incoming.socket ? 'https' : 'http';
  }

  get host(): string {
    return this.incoming.headers.host ?? '';
  }

  get remoteAddress(): string {
    return this.incoming.socket.remoteAddress ?? '';
  }

  /** Called once, when the router has found the API. */
  routed(match: Pick<RouteMatch<unknown>, 'contextPath' | 'pathInfo'>): void {
    this.#contextPath = match.contextPath;
    this.#pathInfo = match.pathInfo;
  }
}
