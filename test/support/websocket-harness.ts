import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { ByteSink } from '@sluice/core';
import type { EntrypointHarness } from '@sluice/core/testing';
import { websocket } from './plugins.js';

const HEADERS = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  'sec-websocket-protocol': 'sluice.json.v1',
};
const CLOSE_FRAME = 0x88;

/** The `websocket` entrypoint with its envelopes, for the conformance suite: a peer that takes what the sink is told. */
export const websocketHarness: EntrypointHarness = {
  plugin: websocket,
  request: ({ cursor }) => ({
    method: 'GET',
    headers: new Map(Object.entries(HEADERS).map(([name, value]) => [name, [value]])),
    query: new URLSearchParams(cursor === undefined ? {} : { cursor }),
  }),
  upgrade(response, sink) {
    const request = new IncomingMessage(new Socket());
    request.method = 'GET';
    request.headers = HEADERS;
    const socket = peerOf(sink);
    return response.upgrade({ request, socket, head: Buffer.alloc(0), headers: {}, sink });
  },
  // The heads of frames become odd characters between the envelopes.
  parse: (text) =>
    [...text.matchAll(/"type":"message",(?:"id":"([^"]*)")?.*?"content":"(\d+)"/g)].map(
      ([, cursor = null, content = '']) => ({ content, cursor }),
    ),
};

/** The client's end of the connection: it goes when the sink's client does, and answers a close by going. */
function peerOf(sink: ByteSink): Duplex {
  const socket = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      done();
      if (chunk[0] === CLOSE_FRAME) socket.destroy();
    },
  });
  if (sink.closed.aborted) socket.destroy();
  sink.closed.addEventListener('abort', () => socket.destroy());
  return socket;
}
