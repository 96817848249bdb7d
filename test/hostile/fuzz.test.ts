import { connect } from 'node:net';
import { MemoryEndpoint, numberedMessages } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { endpointPlugin, startTestGateway } from '../support/gateway.js';
import { websocket } from '../support/plugins.js';
import { fc } from '../support/property.js';
import { randomRequest } from './random-request.js';

/** Requests a seed; `npm run fuzz` asks for more, and takes a seed of its own. */
const RUNS = Number(process.env.SLUICE_FUZZ_RUNS ?? 150);
/** Seeds that have found something, or may. A failure tells its seed: it belongs here. */
const SEEDS = [1, 20_261_128];
const FRESH = process.env.SLUICE_FUZZ_RUNS === undefined ? [] : [Date.now()];

const api = {
  id: 'fuzz',
  name: 'fuzz',
  type: 'message',
  definitionVersion: '4.0.0',
  listeners: [
    {
      type: 'http',
      paths: [{ path: '/fuzz' }],
      cors: { enabled: true, allowOrigin: ['*'], allowMethods: ['GET', 'POST'] },
      entrypoints: [
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
    },
  ],
  endpointGroups: [{ name: 'g', type: 'test', endpoints: [{ name: 'e', type: 'test' }] }],
};

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

test.each([...SEEDS, ...FRESH])(
  'whatever bytes a client sends, nothing fails inside the gateway (seed %d)',
  async (seed) => {
    const escaped: unknown[] = [];
    const note = (thrown: unknown) => void escaped.push(thrown);
    process.on('unhandledRejection', note);
    const endpoint = new MemoryEndpoint({ messages: numberedMessages(3) });
    const gateway = await startTestGateway({ plugins: [websocket, endpointPlugin(endpoint)], apis: [api] });
    expect(gateway.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    const property = fc.asyncProperty(randomRequest, async (bytes) => {
      expect(await statusesOf(gateway.port, bytes)).not.toContain(500);
    });
    await fc.assert(property, { seed, numRuns: RUNS, endOnFailure: true });
    expect((await fetch(`${gateway.url}/fuzz`, { method: 'POST', body: 'x' })).status).toBe(202);
    process.off('unhandledRejection', note);
    expect(escaped).toEqual([]);
    expect(gateway.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  },
  20_000 + RUNS * 300,
);
