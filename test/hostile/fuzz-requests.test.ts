import { connect } from 'node:net';
import { MemoryEndpoint, numberedMessages } from '@sluice/core/testing';
import { expect } from 'vitest';
import { endpointPlugin, startTestGateway } from '../support/gateway.js';
import { websocket } from '../support/plugins.js';
import { fuzz, fuzzApi } from './fuzzing.js';
import { randomRequest } from './random-request.js';

const api = fuzzApi(
  [
    {
      type: 'http-get',
      qos: 'none',
      configuration: { messagesLimitDurationMs: 20, headersInPayload: true },
    },
    {
      type: 'http-post',
      configuration: { requestHeadersToMessage: true, batches: ['json-array', 'ndjson'] },
    },
    { type: 'sse', qos: 'none', configuration: { headersAsComment: true } },
    { type: 'websocket', qos: 'none' },
  ],
  {
    paths: [{ path: '/fuzz' }],
    cors: { enabled: true, allowOrigin: ['*'], allowMethods: ['GET', 'POST'] },
  },
);

/** The statuses answered to these bytes, until the first stands or the connection ends. */
function statusesOf(port: number, bytes: Buffer): Promise<readonly number[]> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setTimeout(200, () => socket.destroy());
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (/\r\n\r\n/.test(text)) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () =>
      resolve([...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status))),
    );
    socket.write(bytes);
  });
}

fuzz({
  what: 'bytes a client sends',
  gateway: () =>
    startTestGateway({
      plugins: [websocket, endpointPlugin(new MemoryEndpoint({ messages: numberedMessages(3) }))],
      apis: [api],
    }),
  input: randomRequest,
  send: async (bytes, { port }) => expect(await statusesOf(port, bytes)).not.toContain(500),
});
