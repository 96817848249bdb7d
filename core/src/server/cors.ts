import type { CompleteResponse, ResponseHeaders } from '../contract/entrypoint.js';
import { isHeaderName } from '../contract/header-names.js';
import type { CorsPolicy } from '../runtime/cors-policy.js';
import type { NodeRequestInfo } from './request-info.js';

/** The methods that a preflight is told of when the listener names none. */
type Methods = readonly string[];

/** Whether a request asks, on behalf of a page, if another may be made (Fetch standard, "CORS-preflight request"). */
export function isPreflight({ method, headers }: NodeRequestInfo): boolean {
  return method === 'OPTIONS' && headers.has('origin') && headers.has('access-control-request-method');
}

/**
 * The answer to a preflight, before security and policies: browsers send it without credentials. A page that may not
 * use the API is answered without the headers that would let it, which the browser tells its developer.
 */
export function preflightAnswer(
  policy: CorsPolicy,
  request: NodeRequestInfo,
  methods: Methods,
): CompleteResponse {
  const { definition } = policy;
  const asked = (name: string) => request.headers.get(name)?.join(', ');
  const allowed = originHeaders(policy, request);
  const headers: Record<string, string> = {
    Vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
  };
  if (allowed === undefined) return { status: 200, headers };
  Object.assign(headers, allowed);
  const own = definition.allowMethods.length === 0 ? methods : definition.allowMethods;
  // With credentials a browser takes `*` for a name, so what it asks for is named.
  const method = asked('access-control-request-method') ?? '';
  headers['Access-Control-Allow-Methods'] = own.includes('*') ? named(method) : own.join(', ');
  const { allowHeaders } = definition;
  const wanted = asked('access-control-request-headers');
  const names = allowHeaders.includes('*') ? named(wanted ?? '') : allowHeaders.join(', ');
  if (names !== '') headers['Access-Control-Allow-Headers'] = names;
  if (definition.maxAge >= 0) headers['Access-Control-Max-Age'] = String(definition.maxAge);
  if (definition.allowPrivateNetwork && asked('access-control-request-private-network') === 'true') {
    headers['Access-Control-Allow-Private-Network'] = 'true';
  }
  return { status: 200, headers };
}

/** An answer's headers with those that let a page read it; `own` may already have a Vary. */
export function withCors(
  own: ResponseHeaders | undefined,
  policy: CorsPolicy,
  request: NodeRequestInfo,
): ResponseHeaders {
  const kept = Object.entries(own ?? {}).filter(([name]) => !/^(vary|access-control-.*)$/i.test(name));
  const varies = Object.entries(own ?? {}).flatMap(([name, value]) =>
    name.toLowerCase() === 'vary' ? [value].flat() : [],
  );
  const { exposeHeaders } = policy.definition;
  const allowed = originHeaders(policy, request);
  return {
    ...Object.fromEntries(kept),
    ...(policy.anyOrigin && varies.length === 0
      ? {}
      : { Vary: [...varies, ...(policy.anyOrigin ? [] : ['Origin'])].join(', ') }),
    ...allowed,
    ...(allowed === undefined || exposeHeaders.length === 0
      ? {}
      : { 'Access-Control-Expose-Headers': exposeHeaders.join(', ') }),
  };
}

/** Undefined when the request is of no page, or of one that may not use the API. */
function originHeaders(policy: CorsPolicy, request: NodeRequestInfo): Record<string, string> | undefined {
  const origin = request.headers.get('origin')?.[0];
  if (origin === undefined) return undefined;
  if (policy.anyOrigin) return { 'Access-Control-Allow-Origin': '*' };
  if (!policy.allows(origin)) return undefined;
  const credentials = policy.definition.allowCredentials
    ? { 'Access-Control-Allow-Credentials': 'true' }
    : undefined;
  return { 'Access-Control-Allow-Origin': origin, ...credentials };
}

/** Names from a list that a client sent; what is no name is left out, and so cannot write a header of its own. */
function named(list: string): string {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name.length <= 100 && isHeaderName(name))
    .slice(0, 100)
    .join(', ');
}
