import { defineEntrypoint, type EntrypointConnector, QOS_LEVELS } from '@sluice/core';
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
  matches: (request) =>
    (request.method === 'GET' || request.method === 'HEAD') &&
    asksForEventStream(request.headers.get('accept')),
  qos: QOS_LEVELS,
  carriesCursor: true,
  requires: (qos) => (qos === 'at-least-once' || qos === 'at-most-once' ? ['manual-ack', 'recover'] : []),
  schema: SSE_SCHEMA,
  create(config): EntrypointConnector {
    const encode = batchEncoder(config);
    const heartbeats = heartbeatsOf(config);
    return {
      async handle(ctx, host) {
        // A browser cannot set headers on the first request, so the query names the start.
        const cursor = ctx.request.headers.get('last-event-id')?.[0] ?? ctx.request.query.get('lastEventId');
        // Read before anything is opened: a name that is not valid throws.
        const { clientIdentifier } = ctx;
        const headers = { ...HEADERS, 'X-Gravitee-Client-Identifier': clientIdentifier };
        // What GET would begin with, without opening what nobody reads.
        if (ctx.request.method === 'HEAD') return { status: 200, headers };
        const gaps: Parameters<typeof streamEvents>[0]['gaps'] = [];
        const subscription = await host.subscribe({
          maxInFlight: config.maxInFlight,
          onGap: (gap) => gaps.push(gap),
          ...(cursor === null || cursor === '' ? {} : { cursor }),
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

/** True when the Accept header names `text/event-stream` itself: a wildcard asks for a page, not for a stream. */
function asksForEventStream(accept: readonly string[] | undefined): boolean {
  return (accept ?? [])
    .flatMap((value) => value.split(','))
    .some((type) => type.split(';')[0]?.trim().toLowerCase() === 'text/event-stream');
}
