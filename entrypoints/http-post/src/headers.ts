import {
  CONNECTION_HEADERS,
  type ExecutionContext,
  isCredentialHeader,
  type MessageHeader,
} from '@sluice/core';

/** The request's headers as message headers, spelled as the client did, repeats kept, in the order received. */
export function requestHeaders(ctx: ExecutionContext): readonly MessageHeader[] {
  const { headers, headerNames } = ctx.request;
  return (
    [...headers]
      .filter(([name]) => !CONNECTION_HEADERS.has(name) && !isCredentialHeader(name, ctx))
      // Node reads a header's bytes as Latin-1; written back as such they are the client's bytes again.
      .flatMap(([name, values]) =>
        values.map((value): MessageHeader => [headerNames.get(name) ?? name, Buffer.from(value, 'latin1')]),
      )
  );
}
