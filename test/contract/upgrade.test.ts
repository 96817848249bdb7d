import type { EntrypointPlugin } from '@sluice/core';
import { type FaultyEndpoint, faultyEndpoint, numberedMessages, until } from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import transformHeaders from '../../plugins/policy-transform-headers/src/index.js';
import { endpointPlugin, startTestGateway, type TestGateway } from '../support/gateway.js';
import { httpPost, websocket } from '../support/plugins.js';
import { rawSocket } from '../support/raw-socket.js';

const HANDSHAKE = [
  'Host: gateway',
  'Connection: keep-alive, Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Accept: */*',
];

/** The status and the body of the answer to a handshake, or to any request with these lines. */
async function answerTo(port: number, target: string, lines: readonly string[] = HANDSHAKE, method = 'GET') {
  const raw = await rawSocket(port);
  raw.socket.write(`${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  const text = await raw.receives(/\r\n\r\n/);
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
  if (status !== 101) await raw.closed();
  return { status, text: raw.received() };
}

const serves = async ({ url }: TestGateway) =>
  (await fetch(`${url}/test`, { method: 'POST', body: 'x' })).status === 202;

async function gatewayWith(options: {
  readonly endpoint?: FaultyEndpoint;
  readonly entrypoints: readonly object[];
  readonly plugins?: readonly EntrypointPlugin[];
  readonly more?: object;
}) {
  const { endpoint = faultyEndpoint([]), entrypoints, plugins = [], more = {} } = options;
  const api = {
    id: 'test',
    name: 'test',
    type: 'message',
    definitionVersion: '4.0.0',
    listeners: [{ type: 'http', paths: [{ path: '/test' }], entrypoints }],
    endpointGroups: [{ name: 'g', type: 'test', endpoints: [{ name: 'e', type: 'test' }] }],
    ...more,
  };
  const gateway = await startTestGateway({
    apis: [api],
    plugins: [websocket, transformHeaders, endpointPlugin(endpoint), ...plugins],
  });
  expect(gateway.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return gateway;
}

describe('a handshake to an API without websocket', () => {
  test.each(['none', 'at-least-once'])('is refused before anything is read, at the level %s', async (qos) => {
    const endpoint = faultyEndpoint(numberedMessages(3));
    const gateway = await gatewayWith({
      endpoint,
      entrypoints: [{ type: 'http-get', qos }, { type: 'sse', qos }, { type: 'http-post' }],
    });
    for (const accept of ['*/*', 'text/event-stream', 'application/json']) {
      const lines = [...HANDSHAKE.slice(0, -1), `Accept: ${accept}`];
      expect(await answerTo(gateway.port, '/test', lines)).toMatchObject({
        status: 404,
        text: expect.stringContaining('This API has no entrypoint for WebSocket'),
      });
    }
    expect(endpoint.subscribes).toEqual([]);
    expect(await serves(gateway)).toBe(true);
  });

  test('is refused in the words of the definition', async () => {
    const gateway = await gatewayWith({
      entrypoints: [{ type: 'http-get' }],
      more: { responseTemplates: { NO_ENTRYPOINT: { '*/*': { status: 421, body: 'not here' } } } },
    });
    expect(await answerTo(gateway.port, '/test')).toMatchObject({
      status: 421,
      text: expect.stringMatching(/not here$/),
    });
  });
});

test.each([
  ['a path of no API', '/none', 404],
  ['a path with a backslash', '/te\\st', 400],
])('a handshake to %s is refused as any other request to it', async (_, target, status) => {
  const gateway = await gatewayWith({ entrypoints: [{ type: 'websocket' }, { type: 'http-post' }] });
  expect((await answerTo(gateway.port, target)).status).toBe(status);
  expect(await serves(gateway)).toBe(true);
});

describe('a header value that no answer may have is answered 500, and the gateway goes on', () => {
  const value = "{#request.params['v'][0]}";
  const responseTemplates = { DEFAULT: { '*/*': { headers: { 'X-V': value }, body: 'own words' } } };

  test.each([
    ['a handshake that is refused', HANDSHAKE],
    ['a plain request', ['Host: gateway', 'Accept: */*']],
  ])('in a response template of %s', async (_, lines) => {
    const endpoint = faultyEndpoint([], { refuseSubscribe: () => new Error('no') });
    const entrypoints = [{ type: 'websocket' }, { type: 'http-get' }, { type: 'http-post' }];
    const gateway = await gatewayWith({ endpoint, entrypoints, more: { responseTemplates } });
    const close = [...lines, ...(lines === HANDSHAKE ? [] : ['Connection: close'])];
    expect(await answerTo(gateway.port, '/test?v=ok', close)).toMatchObject({
      text: expect.stringMatching(/X-V: ok/i),
    });
    for (const v of ['a%0Ab', 'a%0D%0AX-Evil:%201']) {
      const { status, text } = await answerTo(gateway.port, `/test?v=${v}`, close);
      expect(status).toBe(500);
      expect(text).not.toMatch(/evil/i);
    }
    expect(await serves(gateway)).toBe(true);
  });

  test('in a header that a policy sets on a handshake that is taken', async () => {
    const addHeaders = [{ name: 'X-V', value }];
    const flows = [{ response: [{ policy: 'transform-headers', configuration: { addHeaders } }] }];
    const endpoint = faultyEndpoint([]);
    const gateway = await gatewayWith({
      endpoint,
      entrypoints: [{ type: 'websocket' }, { type: 'http-post' }],
      more: { flows },
    });
    expect(await answerTo(gateway.port, '/test?v=ok')).toMatchObject({ status: 101 });
    const { status, text } = await answerTo(gateway.port, '/test?v=a%0D%0AX-Evil:%201');
    expect(status).toBe(400);
    expect(text).not.toMatch(/evil/i);
    await until(() => endpoint.openSubscriptions === 1, 5000, 'the end of the other subscription');
    expect((await fetch(`${gateway.url}/test?v=ok`, { method: 'POST', body: 'x' })).status).toBe(202);
  });
});

describe('a plugin that fails to say whether it takes a request', () => {
  const broken: EntrypointPlugin = {
    ...(httpPost as EntrypointPlugin),
    id: 'broken',
    criteria: 9,
    matches: ({ method }) => {
      if (method === 'GET') throw new Error('broken');
      return false;
    },
  };

  test.each([
    ['a handshake', HANDSHAKE],
    ['another upgrade', ['Host: gateway', 'Connection: Upgrade', 'Upgrade: h2c']],
    ['a plain request', ['Host: gateway', 'Connection: close']],
  ])('answers %s with 500, and the gateway goes on', async (_, lines) => {
    const entrypoints = [{ type: 'broken' }, { type: 'websocket' }, { type: 'http-post' }];
    const gateway = await gatewayWith({ entrypoints, plugins: [broken] });
    expect((await answerTo(gateway.port, '/test', lines)).status).toBe(500);
    expect(await serves(gateway)).toBe(true);
  });
});
