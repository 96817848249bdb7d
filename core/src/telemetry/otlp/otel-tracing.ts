import * as api from '@opentelemetry/api';
import { core } from '@opentelemetry/sdk-node';
import type { Span, SpanAttributes, SpanOptions, TraceContext, Tracing } from '../../contract/tracing.js';

const KINDS = {
  server: api.SpanKind.SERVER,
  producer: api.SpanKind.PRODUCER,
  consumer: api.SpanKind.CONSUMER,
} as const;

/** Spans by OpenTelemetry. Nothing is bound to the flow of the program: parents are named. */
export class OtelTracing implements Tracing {
  constructor(private readonly tracer: api.Tracer) {}

  begin(name: string, { kind, attributes, parent, links = [] }: SpanOptions): Span {
    const place = parent === undefined ? undefined : placeOf(parent);
    const context =
      place === undefined ? api.ROOT_CONTEXT : api.trace.setSpanContext(api.ROOT_CONTEXT, place);
    const span = this.tracer.startSpan(
      name,
      {
        kind: KINDS[kind],
        links: links.flatMap((link) => {
          const linked = placeOf(link);
          return linked === undefined ? [] : [{ context: linked }];
        }),
        ...(attributes === undefined ? {} : { attributes }),
      },
      context,
    );
    return {
      context: textOf(span.spanContext()),
      end(more?: SpanAttributes, errorType?: string) {
        if (more !== undefined) span.setAttributes(more);
        if (errorType !== undefined) {
          span.setAttribute('error.type', errorType);
          span.setStatus({ code: api.SpanStatusCode.ERROR });
        }
        span.end();
      },
    };
  }
}

function placeOf({ traceparent, tracestate }: TraceContext): api.SpanContext | undefined {
  const place = core.parseTraceParent(traceparent);
  if (place === null) return undefined;
  const state = tracestate === undefined ? {} : { traceState: new core.TraceState(tracestate) };
  return { ...place, ...state, isRemote: true };
}

function textOf({ traceId, spanId, traceFlags, traceState }: api.SpanContext): TraceContext {
  const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  const tracestate = traceState?.serialize();
  return tracestate === undefined || tracestate === '' ? { traceparent } : { traceparent, tracestate };
}
