/** The place of a span in its trace, as W3C Trace Context writes it. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** What is known of a span; times are taken by whoever makes it. */
export interface SpanOptions {
  readonly kind: 'server' | 'producer' | 'consumer';
  readonly attributes?: SpanAttributes;
  /** Absent: the span begins a trace of its own. */
  readonly parent?: TraceContext;
  /** What it has to do with beside its parent; those that are not valid are left out. */
  readonly links?: readonly TraceContext[];
}

/** Attributes by name, as OpenTelemetry's conventions have them. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A span that has begun. */
export interface Span {
  /** To be handed on: of a span that is not sampled too. */
  readonly context: TraceContext;
  /** Ends it. @param errorType what went wrong, as a key; absent when nothing did */
  end(attributes?: SpanAttributes, errorType?: string): void;
}

/** Where spans are begun; there is none while tracing is off. */
export interface Tracing {
  begin(name: string, options: SpanOptions): Span;
}

/** The header, of HTTP and of records, that carries a {@link TraceContext}, and the one with what vendors add. */
export const TRACEPARENT = 'traceparent';
export const TRACESTATE = 'tracestate';

const VALID = /^[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(-.*)?$/;
const MAX_TRACESTATE = 512;

/** What a client or a record says of its trace; undefined when it says nothing, or nothing valid. */
export function traceContext(
  traceparent: string | undefined,
  tracestate: string | undefined,
): TraceContext | undefined {
  // Version ff is not valid; those after 00 may go on behind what is known of them.
  if (traceparent === undefined || traceparent.startsWith('ff') || !VALID.test(traceparent)) return undefined;
  if (tracestate === undefined || tracestate === '' || tracestate.length > MAX_TRACESTATE)
    return { traceparent };
  return { traceparent, tracestate };
}
