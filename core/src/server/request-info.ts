import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestInfo } from '../contract/context.js';
import type { RouteMatch } from '../runtime/router.js';

const OWN_ID = /^[\w.:-]{1,128}$/;
/** A whole URL as the request's target (RFC 9112 §3.2.2), which proxies send: its authority and the rest. */
const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)(.*)$/i;

/** The request as the contract shows it, read off node's own object; the costly members are made on first use. */
export class NodeRequestInfo implements RequestInfo {
  readonly id: string;
  readonly timestampMs = Date.now();
  /** Of a whole URL as the target only what follows its authority, which is then the host. */
  uri: string;
  readonly host: string;
  readonly path: string;
  #contextPath = '/';
  #pathInfo = '/';
  readonly pathParams = new Map<string, string>();
  #headers: Map<string, readonly string[]> | undefined;
  #query: URLSearchParams | undefined;

  constructor(private readonly incoming: IncomingMessage) {
    const given = incoming.headers['x-request-id'];
    this.id = typeof given === 'string' && OWN_ID.test(given) ? given : randomUUID();
    const target = incoming.url ?? '/';
    const absolute = target.startsWith('/') ? null : ABSOLUTE_FORM.exec(target);
    this.uri = absolute === null ? target : `${absolute[2]}`.replace(/^(?!\/)/, '/');
    this.host = absolute?.[1] ?? incoming.headers.host ?? '';
    const queryAt = this.uri.indexOf('?');
    this.path = queryAt < 0 ? this.uri : this.uri.slice(0, queryAt);
  }

  get method(): string {
    return this.incoming.method ?? 'GET';
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

  get headers(): Map<string, readonly string[]> {
    this.#headers ??= new Map(
      Object.entries(this.incoming.headersDistinct).map(([name, values]) => [name, values ?? []]),
    );
    return this.#headers;
  }

  get scheme(): 'http' | 'https' {
    return 'encrypted' in this.incoming.socket ? 'https' : 'http';
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
