import { type Histogram, type MetricSpec, type Metrics, SECONDS } from '../contract/metrics.js';
import type { Telemetry } from '../contract/telemetry.js';
import { type Span, traceContext } from '../contract/tracing.js';

/** How long requests take to be answered. */
export const HTTP_DURATION = {
  name: 'http.server.request.duration',
  kind: 'histogram',
  unit: 's',
  labels: [
    'http.request.method',
    'url.scheme',
    'http.route',
    'sluice.api',
    'http.response.status_code',
    'error.type',
  ],
  boundaries: SECONDS,
  description:
    'How long a request took to be answered: until its answer is known, so a stream counts until its first byte.',
} as const satisfies MetricSpec;

/** What is told of a request; the rest of it is the client's. */
export interface ToldRequest {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** On the clock of `performance.now()`. */
  readonly begunAt: number;
  /** The listener's path and the API that the request came to; undefined when it came to none. */
  readonly route: { readonly path: string; readonly api: string } | undefined;
  span?: Span;
  header(name: string): string | undefined;
}

/** Methods of RFC 9110 and 5789: any other is the client's invention, and told as `_OTHER`. */
const METHODS = new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE']);

type LinesOfApi = Map<string | undefined, Map<string, Map<number, Histogram>>>;

/** What is told of each request of the gateway's port, answered or refused. */
export class HttpTelemetry {
  /** By API, path, method and status; a negative status is one of https. */
  readonly #lines = new Map<string | undefined, LinesOfApi>();

  constructor(private readonly telemetry: Telemetry) {}

  /** The API of a request is known: its span begins, as a part of the client's trace where there is one. */
  begin(request: ToldRequest): void {
    const { tracing } = this.telemetry;
    if (tracing === undefined) return;
    const { method, scheme, route } = request;
    const parent = traceContext(request.header('traceparent'), request.header('tracestate'));
    const name = METHODS.has(method) ? method : 'HTTP';
    request.span = tracing.begin(route === undefined ? name : `${name} ${route.path}`, {
      kind: 'server',
      ...(parent === undefined ? {} : { parent }),
      attributes: {
        'http.request.method': METHODS.has(method) ? method : '_OTHER',
        'url.scheme': scheme,
        ...(route === undefined ? {} : { 'http.route': route.path, 'sluice.api': route.api }),
      },
    });
  }

  /** Its answer is known. */
  answered(request: ToldRequest, status: number): void {
    const { metrics } = this.telemetry;
    if (metrics !== undefined) {
      const seconds = (performance.now() - request.begunAt) / 1000;
      this.#line(metrics, request, status).record(seconds);
    }
    request.span?.end({ 'http.response.status_code': status }, errorType(status));
  }

  #line(metrics: Metrics, { method, scheme, route }: ToldRequest, status: number): Histogram {
    // One map in another: to put a key together would cost more than all the rest.
    const ofApi = child(this.#lines, route?.api, () => new Map());
    const ofPath = child(ofApi, route?.path, () => new Map());
    const byStatus = child(ofPath, method, () => new Map());
    const told = METHODS.has(method) ? method : '_OTHER';
    return child(byStatus, scheme === 'https' ? -status : status, () => {
      const error = errorType(status);
      return metrics.histogram(HTTP_DURATION, {
        'http.request.method': told,
        'url.scheme': scheme,
        ...(route === undefined ? {} : { 'http.route': route.path, 'sluice.api': route.api }),
        'http.response.status_code': String(status),
        ...(error === undefined ? {} : { 'error.type': error }),
      });
    });
  }
}

/** The value of a key, made when there is none. */
function child<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** A server's failure; what the client did wrong is none of it. */
function errorType(status: number): string | undefined {
  return status >= 500 ? String(status) : undefined;
}
