import {
  defineEntrypoint,
  type EntrypointConnector,
  preferredWeight,
  QOS_LEVELS,
  type Qos,
  type RequestHead,
  type RequestInfo,
  readStart,
  type StartParameters,
} from '@sluice/core';
import { SSE_SCHEMA, type SseConfig } from './config.js';
import { batchEncoder, heartbeatsOf, streamEvents } from './stream.js';

const HEADERS = {
  'Content-Type': 'text/event-stream;charset=UTF-8',
  'Cache-Control': 'no-cache, no-transform',
  Connection: 'keep-alive',
  // nginx would buffer the stream otherwise.
  'X-Accel-Buffering': 'no',
};

/** Server-Sent Events (WHATWG HTML §9.2): a stream of one subscription, resumed by Last-Event-ID. */
export default defineEntrypoint<SseConfig>({
  kind: 'entrypoint',
  id: 'sse',
  formatOptions: ['heartbeatIntervalInMs', 'metadataAsComment', 'headersAsComment'],
  listener: 'http',
  modes: ['subscribe'],
  criteria: 2,
  methods: ['GET', 'HEAD'],
  // Headers are worked out when they are first asked for: not for what is told by the method.
  matches: (request) => (request.method === 'GET' || request.method === 'HEAD') && streamWeight(request) > 0,
  preference: streamWeight,
  qos: QOS_LEVELS,
  carriesCursor: true,
  requires: (qos) => (qos === 'at-least-once' || qos === 'at-most-once' ? ['manual-ack', 'recover'] : []),
  schema: SSE_SCHEMA,
  create(config): EntrypointConnector {
    const encode = batchEncoder(config);
    const heartbeats = heartbeatsOf(config);
    return {
      async handle(ctx, host) {
        const start = startOf(ctx.request, host.qos);
        // Read before anything is opened: a name that is not valid throws.
        const { clientIdentifier } = ctx;
        const headers = { ...HEADERS, 'X-Gravitee-Client-Identifier': clientIdentifier };
        // What GET would begin with, without opening what nobody reads.
        if (ctx.request.method === 'HEAD') return { status: 200, headers };
        const gaps: Parameters<typeof streamEvents>[0]['gaps'] = [];
        const subscription = await host.subscribe({
          maxInFlight: config.maxInFlight,
          onGap: (gap) => gaps.push(gap),
          ...start,
        });
        return {
          status: 200,
          headers,
          stream: (sink) => streamEvents({ ctx, host, config, subscription, gaps, encode, heartbeats, sink }),
        };
      },
    };
  },
});

/**
 * Where the client goes on. A browser cannot set headers on its first request, so the query names that start; when it
 * reconnects it sends its last id beside the query of its first request.
 * @throws SluiceError `INVALID_PARAMETER`; `INVALID_CURSOR` at the level that keeps none
 */
function startOf({ headers, query }: RequestInfo, qos: Qos): StartParameters {
  const cursor = headers.get('last-event-id')?.[0] ?? '';
  return cursor === '' ? readStart(query, qos) : { cursor };
}

const EVENT_STREAM = ['text/event-stream'];

/** The weight of `text/event-stream`; 0 where only a wildcard stands for it: that asks for a page, not for a stream. */
function streamWeight({ headers }: RequestHead): number {
  return preferredWeight(headers.get('accept'), EVENT_STREAM, EVENT_STREAM);
}
