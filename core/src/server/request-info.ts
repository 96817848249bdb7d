import type { IncomingMessage } from 'node:http';
import type { RequestInfo } from '../contract/context.js';
import type { Span } from '../contract/tracing.js';
import type { RouteMatch } from '../runtime/route/router.js';
import type { ToldRequest } from '../telemetry/http-metrics.js';
import { newRequestId } from './request-id.js';

const OWN_ID = /^[\w.:-]{1,128}$/;
/** A whole URL as the request's target (RFC 9112 §3.2.2), which proxies send: its authority and the rest. */
const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)(.*)$/i;

/** The request as the contract shows it, read off node's own object; the costly members are made on first use. */
export class NodeRequestInfo implements RequestInfo, ToldRequest {
  readonly id: string;
  readonly timestampMs = Date.now();
  readonly begunAt = performance.now();
  span?: Span;
  /** Of a whole URL as the target only what follows its authority, which is then the host. */
  uri: string;
  readonly host: string;
  readonly path: string;
  #contextPath = '/';
  #api: string | undefined;
  #pathInfo = '/';
  #headers: Map<string, readonly string[]> | undefined;
  #headerNames: Map<string, string> | undefined;
  #query: URLSearchParams | undefined;
  #pathParams: Map<string, string> | undefined;

  constructor(private readonly incoming: IncomingMessage) {
    const given = incoming.headers['x-request-id'];
    this.id = typeof given === 'string' && OWN_ID.test(given) ? given : newRequestId();
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

  get route(): { readonly path: string; readonly api: string } | undefined {
    return this.#api === undefined ? undefined : { path: this.#contextPath, api: this.#api };
  }

  header(name: string): string | undefined {
    const value = this.incoming.headers[name];
    return typeof value === 'string' ? value : undefined;
  }

  get pathInfo(): string {
    return this.#pathInfo;
  }

  get pathParams(): Map<string, string> {
    this.#pathParams ??= new Map();
    return this.#pathParams;
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.uri.slice(this.path.length));
    return this.#query;
  }

  get headers(): Map<string, readonly string[]> {
    this.#headers ??= headersOf(this.incoming.rawHeaders);
    return this.#headers;
  }

  get headerNames(): Map<string, string> {
    this.#headerNames ??= spellingOf(this.incoming.rawHeaders);
    return this.#headerNames;
  }

  get scheme(): 'http' | 'https' {
    return 'encrypted' in this.incoming.socket ? 'https' : 'http';
  }

  get remoteAddress(): string {
    return this.incoming.socket.remoteAddress ?? '';
  }

  /** Called once, when the router has found the API. */
  routed(match: RouteMatch<{ readonly id: string }>): void {
    this.#api = match.target.id;
    this.#contextPath = match.contextPath;
    this.#pathInfo = match.pathInfo;
  }
}

/** @param raw names and values in turn, as they were sent */
function headersOf(raw: readonly string[]): Map<string, readonly string[]> {
  const headers = new Map<string, string[]>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] as string).toLowerCase();
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [raw[at + 1] as string]);
    else values.push(raw[at + 1] as string);
  }
  return headers;
}

/** The first spelling of each name that is not in lower case. @param raw as for {@link headersOf} */
function spellingOf(raw: readonly string[]): Map<string, string> {
  const names = new Map<string, string>();
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string;
    const lower = name.toLowerCase();
    if (name !== lower && !names.has(lower)) names.set(lower, name);
  }
  return names;
}
