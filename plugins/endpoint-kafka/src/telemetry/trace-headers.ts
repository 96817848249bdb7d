import { type MessageHeader, TRACEPARENT, TRACESTATE, type TraceContext } from '@sluice/core';

/** The headers of a record with its trace, in place of one it had. */
export function withTrace(
  headers: readonly MessageHeader[],
  { traceparent, tracestate }: TraceContext,
): readonly MessageHeader[] {
  const kept = headers.filter(([name]) => ![TRACEPARENT, TRACESTATE].includes(name.toLowerCase()));
  const state: MessageHeader[] =
    tracestate === undefined ? [] : [[TRACESTATE, Buffer.from(tracestate, 'latin1')]];
  return [...kept, [TRACEPARENT, Buffer.from(traceparent, 'latin1')], ...state];
}
