import { CREDENTIAL_HEADERS, type MessageHeader } from '@sluice/core';

/** Of the connection (RFC 9110 §7.6.1) or of the request's framing: they say nothing about the message. */
const CONNECTION = [
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
const LEFT_OUT = new Set([...CONNECTION, ...CREDENTIAL_HEADERS]);

/** The request's headers as message headers, repeats kept, in the order received. */
export function requestHeaders(headers: ReadonlyMap<string, readonly string[]>): readonly MessageHeader[] {
  return (
    [...headers]
      .filter(([name]) => !LEFT_OUT.has(name))
      // Node reads a header's bytes as Latin-1; written back as such they are the client's bytes again.
      .flatMap(([name, values]) => values.map((value): MessageHeader => [name, Buffer.from(value, 'latin1')]))
  );
}
