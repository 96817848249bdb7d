import type { RequestInfo } from '../contract/context.js';
import { HeadersView } from './headers-view.js';
import { ComputedView, LookupView } from './view.js';

/** A request as expressions see it. */
export function requestView(request: RequestInfo): ComputedView<RequestInfo> {
  return new ComputedView(request, MEMBERS);
}

const MEMBERS: Readonly<Record<string, (request: RequestInfo) => unknown>> = {
  id: (request) => request.id,
  transactionId: (request) => request.id,
  method: (request) => request.method,
  uri: (request) => request.uri,
  path: (request) => request.path,
  paths: (request) => request.path.split('/'),
  contextPath: (request) => request.contextPath,
  pathInfo: (request) => request.pathInfo,
  pathInfos: (request) => request.pathInfo.split('/'),
  pathParams: (request) => Object.fromEntries(request.pathParams),
  headers: (request) => new HeadersView(request.headers),
  params: ({ query }) =>
    new LookupView(
      (name) => (query.has(name) ? query.getAll(name) : undefined),
      () => new Set(query.keys()),
    ),
  scheme: (request) => request.scheme,
  host: (request) => request.host,
  remoteAddress: (request) => request.remoteAddress,
  timestamp: (request) => request.timestampMs,
};
