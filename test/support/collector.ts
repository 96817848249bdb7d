import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What was sent to a collector at once. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An attribute of OTLP, as JSON has it. */
interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number | string };
}

/** A span as OTLP has it in JSON. */
export interface ReceivedSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly Attribute[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code?: number };
}

/** A metric as OTLP has it in JSON, as far as tests look. */
export interface ReceivedMetric {
  readonly name: string;
  readonly unit: string;
  readonly histogram?: {
    readonly dataPoints: readonly {
      readonly count: number | string;
      readonly attributes: readonly Attribute[];
    }[];
  };
}

/** A collector of OTLP over HTTP that keeps everything; it ends with the test. */
export interface Collector {
  readonly url: string;
  readonly received: readonly Received[];
  /** Of what came as JSON. */
  spans(): readonly ReceivedSpan[];
  metrics(): readonly ReceivedMetric[];
}

/** @param options.answers false: it takes everything and never answers */
export async function collector(options: { readonly answers?: boolean } = {}): Promise<Collector> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) });
      if (options.answers !== false)
        response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const json = <T>(path: string) =>
    received.filter((one) => one.path === path).map(({ body }) => JSON.parse(body.toString()) as T);
  type Traces = { resourceSpans: { scopeSpans: { spans: ReceivedSpan[] }[] }[] };
  type Metrics = { resourceMetrics: { scopeMetrics: { metrics: ReceivedMetric[] }[] }[] };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    spans: () =>
      json<Traces>('/v1/traces').flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
      ),
    metrics: () =>
      json<Metrics>('/v1/metrics').flatMap(({ resourceMetrics }) =>
        resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics)),
      ),
  };
}

/** The attributes of a span or a line, plainly. */
export function attributesOf(one: { readonly attributes: readonly Attribute[] }): Record<string, string> {
  return Object.fromEntries(
    one.attributes.map(({ key, value }) => [key, String(value.stringValue ?? value.intValue)]),
  );
}
