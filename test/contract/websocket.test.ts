import { request as httpRequest } from 'node:http';
import { type Message, newMessage, SluiceError } from '@sluice/core';
import { faultyEndpoint, MemoryEndpoint, numberedMessages, textMessage, until } from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import interrupt from '../../plugins/policy-interrupt/src/index.js';
import apiKey from '../../plugins/security-api-key/src/index.js';
import { endpointPlugin, startTestGateway } from '../support/gateway.js';
import { websocket } from '../support/plugins.js';
import { wsClient } from '../support/ws-client.js';

interface Setup {
  readonly qos?: string;
  readonly configuration?: object;
  readonly api?: object;
  readonly drainTimeoutMs?: number;
  readonly modes?: readonly ('publish' | 'subscribe')[];
}

/** A gateway with one path of all entrypoints, over an endpoint that the test holds. */
async function gatewayOver(endpoint: ReturnType<typeof faultyEndpoint>, setup: Setup = {}) {
  const { qos = 'none', configuration = {}, api = {}, drainTimeoutMs = 5000, modes } = setup;
  const definition = {
    id: 'ws',
    name: 'ws',
    type: 'message',
    definitionVersion: '4.0.0',
    listeners: [
      {
        type: 'http',
        paths: [{ path: '/ws' }],
        entrypoints: [
          { type: 'websocket', qos, configuration },
          { type: 'http-post' },
          { type: 'sse' },
          { type: 'http-get' },
        ],
      },
    ],
    endpointGroups: [{ name: 'g', type: 'test', endpoints: [{ name: 'e', type: 'test' }] }],
    ...api,
  };
  const plugin = endpointPlugin(endpoint, modes === undefined ? {} : { modes: () => modes });
  const gateway = await startTestGateway({
    apis: [definition],
    plugins: [websocket, interrupt, apiKey, plugin],
    drainTimeoutMs,
  });
  return { ...gateway, ws: `${gateway.url}/ws` };
}
const JSON_V1 = { protocol: 'sluice.json.v1' };
const contents = (messages: readonly Message[]) => messages.map(({ content }) => content?.toString() ?? null);

describe('frames as they are', () => {
  test('what is sent is published, in order, one message a frame, text and binary', async () => {
    const endpoint = faultyEndpoint([], { publishDelayMs: 5 });
    const { ws: url } = await gatewayOver(endpoint);
    const { ws } = await wsClient(url);
    for (let n = 0; n < 200; n++) ws.send(n % 2 === 0 ? `m${n}` : Buffer.from(`m${n}`));
    ws.send(Buffer.alloc(0));
    await until(() => endpoint.offered.length === 201, 5000, 'all messages');
    expect(contents(endpoint.offered)).toEqual([...Array.from({ length: 200 }, (_, n) => `m${n}`), '']);
  });

  test.each([
    ['binary', Buffer.from('text'), true],
    ['text', Buffer.from('text'), false],
    ['auto', Buffer.from('text'), false],
    ['auto', Buffer.from([0xff, 0xfe]), true],
  ])('contents come as %s frames', async (frames, content, isBinary) => {
    const endpoint = faultyEndpoint([newMessage(content, [], 0)]);
    const { ws: url } = await gatewayOver(endpoint, { configuration: { subscriber: { frames } } });
    const client = await wsClient(url);
    await client.arrived(1);
    expect(client.frames).toEqual([{ data: content, isBinary }]);
  });

  test.each([0, 125, 126, 65_535, 65_536, 300_000])('a content of %i bytes arrives whole', async (length) => {
    const content = Buffer.alloc(length, 'x');
    const { ws: url } = await gatewayOver(faultyEndpoint([newMessage(content, [], 0), textMessage('after')]));
    const client = await wsClient(url);
    await client.arrived(2);
    expect(client.frames[0]?.data.equals(content)).toBe(true);
    expect(client.texts()[1]).toBe('after');
  });

  test('text that is none closes with 1011, behind what came before; the client comes back behind it', async () => {
    const messages = [textMessage('a'), newMessage(Buffer.from([0xff]), [], 0), textMessage('b')];
    const endpoint = faultyEndpoint(messages);
    const { ws: url } = await gatewayOver(endpoint, {
      qos: 'at-least-once',
      configuration: { subscriber: { frames: 'text' } },
    });
    const first = await wsClient(url);
    expect(await first.closed()).toEqual([1011, 'CONTENT_NOT_TEXT: The message is not text']);
    expect(first.texts()).toEqual(['a']);
    const second = await wsClient(url);
    await second.arrived(1);
    expect(second.texts()).toEqual(['b']);
  });

  test('a message that is refused closes with 1011 and the key', async () => {
    const endpoint = faultyEndpoint([], { refusePublish: () => new SluiceError('MESSAGE_TOO_LARGE') });
    const { ws: url } = await gatewayOver(endpoint);
    const client = await wsClient(url);
    client.ws.send('x');
    expect(await client.closed()).toEqual([1011, expect.stringMatching(/^MESSAGE_TOO_LARGE/)]);
  });

  test.each([
    [
      'a message over the bound',
      { maxMessageBytes: 10 },
      (ws: { send(data: Buffer): void }) => ws.send(Buffer.alloc(11)),
      1009,
    ],
  ])('%s closes with its code', async (_, configuration, act, code) => {
    const { ws: url } = await gatewayOver(faultyEndpoint([]), { configuration });
    const client = await wsClient(url);
    act(client.ws);
    expect((await client.closed())[0]).toBe(code);
  });

  test('text that is not UTF-8 closes with 1007, a frame without a mask with 1002', async () => {
    const { ws: url } = await gatewayOver(faultyEndpoint([]));
    const raw = (bytes: Buffer) => async () => {
      const client = await wsClient(url);
      (client.ws as unknown as { _socket: { write(data: Buffer): void } })._socket.write(bytes);
      return (await client.closed())[0];
    };
    expect(await raw(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff]))()).toBe(1007);
    expect(await raw(Buffer.from([0x81, 0x01, 0x61]))()).toBe(1002);
  });
});

describe('who may connect', () => {
  const refusal = async (url: string, options = {}) =>
    wsClient(url, options).then(
      () => 'connected',
      (error: { statusCode: number; body: string }) => error.statusCode,
    );

  test('is decided before the upgrade, by HTTP', async () => {
    const endpoint = faultyEndpoint([], { refuseSubscribe: () => new SluiceError('TOO_MANY_CONSUMERS') });
    const { ws: url } = await gatewayOver(endpoint);
    expect(await refusal(url)).toBe(503);
    expect(await refusal(url.replace('/ws', '/none'))).toBe(404);
    expect(await refusal(`${url}?cursor=a&cursor=b`)).toBe(400);
    expect(endpoint.openSubscriptions).toBe(0);
  });

  test('is who comes from an allowed origin, or from no browser', async () => {
    const { ws: url } = await gatewayOver(faultyEndpoint([]), {
      configuration: { allowedOrigins: ['https://app.example'] },
    });
    expect(await refusal(url)).toBe('connected');
    expect(await refusal(url, { origin: 'https://APP.example' })).toBe('connected');
    expect(await refusal(url, { origin: 'https://evil.example' })).toBe(403);
  });

  test('is whom a plan takes', async () => {
    const plans = [{ id: 'gold', security: { type: 'api-key' } }];
    const { ws: url } = await gatewayOver(faultyEndpoint([]), { api: { plans } });
    expect(await refusal(url)).toBe(401);
  });

  test.each([
    ['another version', { 'Sec-WebSocket-Version': '8' }, 426],
    ['no key', { 'Sec-WebSocket-Key': 'short' }, 400],
  ])('is nobody with %s', async (_, headers, status) => {
    const { ws: url } = await gatewayOver(faultyEndpoint([]));
    const given = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', ...headers };
    const answer = await new Promise<number | undefined>((resolve) => {
      httpRequest(url, { headers: given }, (response) => {
        resolve(response.statusCode);
        response.resume();
      }).end();
    });
    expect(answer).toBe(status);
  });

  test('a subprotocol is spoken only when it is known and offered', async () => {
    const { ws: url } = await gatewayOver(faultyEndpoint([]));
    expect((await wsClient(url, JSON_V1)).ws.protocol).toBe('sluice.json.v1');
    expect((await wsClient(url)).ws.protocol).toBe('');
    // RFC 6455 §4.1: a client whose offer is not taken up fails the connection itself.
    await expect(wsClient(url, { protocol: 'v12.stomp' })).rejects.toThrow();
  });
});

test('a request that offers another upgrade is served as HTTP, with its body', async () => {
  const endpoint = faultyEndpoint([]);
  const { ws: url } = await gatewayOver(endpoint);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const headers = {
      Connection: 'Upgrade, HTTP2-Settings',
      Upgrade: 'h2c',
      'HTTP2-Settings': 'AAMAAABk',
      'Content-Length': '5',
    };
    const request = httpRequest(url, { method: 'POST', headers }, (response) => resolve(response.statusCode));
    request.on('error', reject);
    request.end('hello');
  });
  expect(status).toBe(202);
  expect(contents(endpoint.offered)).toEqual(['hello']);
});

describe('what is switched off', () => {
  test('publishing: what clients send is left alone, and an endpoint that only reads will do', async () => {
    const endpoint = faultyEndpoint(numberedMessages(1));
    const { ws: url, problems } = await gatewayOver(endpoint, {
      configuration: { publisher: { enabled: false } },
      modes: ['subscribe'],
    });
    expect(problems.filter(({ message }) => message.includes('"websocket"'))).toEqual([]);
    const client = await wsClient(url);
    client.ws.send('x');
    await client.arrived(1);
    expect(endpoint.offered).toEqual([]);
  });

  test('subscribing: nothing is read', async () => {
    const endpoint = faultyEndpoint(numberedMessages(1));
    const { ws: url } = await gatewayOver(endpoint, { configuration: { subscriber: { enabled: false } } });
    const client = await wsClient(url);
    client.ws.send('x');
    await until(() => endpoint.offered.length === 1, 5000, 'the message');
    expect(endpoint.subscribes).toEqual([]);
  });
});

describe('how it ends', () => {
  test('a client that leaves ends its subscription', async () => {
    const endpoint = faultyEndpoint(numberedMessages(3));
    const { ws: url } = await gatewayOver(endpoint);
    const client = await wsClient(url);
    await client.arrived(3);
    client.ws.close(1000, 'enough');
    expect(await client.closed()).toEqual([1000, 'enough']);
    await until(() => endpoint.openSubscriptions === 0, 5000, 'the end of the subscription');
  });

  test('a client that is cut does too', async () => {
    const endpoint = faultyEndpoint([]);
    const { ws: url } = await gatewayOver(endpoint);
    const client = await wsClient(url);
    client.ws.terminate();
    await until(() => endpoint.openSubscriptions === 0, 5000, 'the end of the subscription');
  });

  test('a gateway that stops sends clients away with 1013, and stores what they had sent', async () => {
    const endpoint = faultyEndpoint([], { publishDelayMs: 50 });
    const gateway = await gatewayOver(endpoint);
    const plain = await wsClient(gateway.ws);
    const enveloped = await wsClient(gateway.ws, JSON_V1);
    enveloped.ws.send(JSON.stringify({ type: 'publish', id: 'last', content: 'x' }));
    await until(() => endpoint.offered.length === 1, 5000, 'the message');
    expect(await gateway.stop()).toEqual([]);
    expect(await plain.closed()).toEqual([1013, 'Try Again Later']);
    expect(await enveloped.closed()).toEqual([1013, 'Try Again Later']);
    const told = enveloped.json().filter(({ type }) => type !== 'message');
    expect(told.map(({ type, id }) => [type, id])).toEqual([
      ['receipt', 'last'],
      ['goaway', undefined],
    ]);
  });

  test('a subscription that breaks closes with the code of its error', async () => {
    const breakSubscription = { after: 2, error: new SluiceError('SUBSCRIBE_FAILED') };
    const { ws: url } = await gatewayOver(faultyEndpoint(numberedMessages(5), { breakSubscription }));
    const client = await wsClient(url);
    expect(await client.closed()).toEqual([1011, expect.stringMatching(/^SUBSCRIBE_FAILED/)]);
    expect(client.texts()).toEqual(['0', '1']);
  });

  test('a client that reads nothing costs a bounded memory, and is closed in time', async () => {
    const big = Array.from({ length: 400 }, () => newMessage(Buffer.alloc(100_000), [], 0));
    const endpoint = faultyEndpoint(big);
    const { ws: url } = await gatewayOver(endpoint, { configuration: { stallTimeoutMs: 1000 } });
    const client = await wsClient(url);
    client.ws.pause();
    await until(() => endpoint.openSubscriptions === 0, 8000, 'the end of the subscription');
    // Of 40 MB: what the buffers of both sockets take, and one batch.
    expect(endpoint.deliveries.delivered).toBeLessThan(200);
  });

  test('a peer that answers no ping is cut', async () => {
    const endpoint = faultyEndpoint([]);
    const { ws: url } = await gatewayOver(endpoint, { configuration: { heartbeatIntervalMs: 1000 } });
    const dead = await wsClient(url, { autoPong: false });
    const living = await wsClient(url);
    expect((await dead.closed())[0]).toBe(1006);
    expect(living.ws.readyState).toBe(living.ws.OPEN);
  });
});

describe('sluice.json.v1', () => {
  const say = (client: Awaited<ReturnType<typeof wsClient>>, frame: unknown) =>
    client.ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame));

  test('a published message has a receipt that says where it is', async () => {
    const endpoint = faultyEndpoint([]);
    const { ws: url } = await gatewayOver(endpoint, { configuration: { subscriber: { enabled: false } } });
    const client = await wsClient(url, JSON_V1);
    say(client, {
      type: 'publish',
      id: '1',
      key: 'k',
      headers: { a: ['1', null], b: '2' },
      content: 'hello',
    });
    say(client, {
      type: 'publish',
      id: '2',
      key: '/w==',
      keyEncoding: 'base64',
      content: '/v8=',
      encoding: 'base64',
    });
    say(client, { type: 'publish', content: null });
    await client.arrived(3);
    expect(client.json()).toEqual([
      { type: 'receipt', id: '1', ok: true, storedAt: [{ topic: 'memory', partition: 0, offset: 0 }] },
      { type: 'receipt', id: '2', ok: true, storedAt: [{ topic: 'memory', partition: 0, offset: 1 }] },
      { type: 'receipt', ok: true, storedAt: [{ topic: 'memory', partition: 0, offset: 2 }] },
    ]);
    expect(endpoint.offered.map(({ key, headers, content }) => ({ key, headers, content }))).toEqual([
      {
        key: Buffer.from('k'),
        headers: [
          ['a', Buffer.from('1')],
          ['a', null],
          ['b', Buffer.from('2')],
        ],
        content: Buffer.from('hello'),
      },
      { key: Buffer.from([0xff]), headers: [], content: Buffer.from([0xfe, 0xff]) },
      { key: null, headers: [], content: null },
    ]);
  });

  test('a refused one has a receipt that says why, and the connection goes on', async () => {
    const refusePublish = ({ content }: Message) =>
      content?.toString() === 'bad' ? new SluiceError('MESSAGE_TOO_LARGE') : undefined;
    const { ws: url } = await gatewayOver(faultyEndpoint([], { refusePublish }), {
      configuration: { subscriber: { enabled: false } },
    });
    const client = await wsClient(url, JSON_V1);
    say(client, { type: 'publish', id: 'a', content: 'bad' });
    say(client, { type: 'publish', id: 'b', content: 'good' });
    await client.arrived(2);
    expect(client.json()).toMatchObject([
      { id: 'a', ok: false, error: { key: 'MESSAGE_TOO_LARGE', http_status_code: 413, retryable: false } },
      { id: 'b', ok: true },
    ]);
  });

  test('messages come whole: key, headers with repeats and nulls, metadata, bytes as base64', async () => {
    const messages = [
      newMessage(
        Buffer.from('text'),
        [
          ['a', Buffer.from('1')],
          ['a', null],
          ['__proto__', Buffer.from([0xff])],
        ],
        1000,
      ),
      { ...newMessage(Buffer.from([0xff]), [], 1000), key: Buffer.from([0xfe]) },
      { ...newMessage(null, [], 1000), key: Buffer.from('k') },
    ];
    const { ws: url } = await gatewayOver(faultyEndpoint(messages));
    const client = await wsClient(url, JSON_V1);
    await client.arrived(3);
    const id = expect.stringMatching(/./);
    expect(client.json()).toMatchObject([
      {
        type: 'message',
        id,
        key: null,
        timestamp: 1000,
        content: 'text',
        headers: JSON.parse('{"a":["1",null],"__proto__":[{"base64":"/w=="}]}'),
      },
      { type: 'message', id, key: '/g==', keyEncoding: 'base64', content: '/w==', encoding: 'base64' },
      { type: 'message', id, key: 'k', content: null },
    ]);
  });

  test('a client that comes back with its last id misses nothing and sees nothing twice', async () => {
    const { ws: url } = await gatewayOver(faultyEndpoint(numberedMessages(20)));
    const first = await wsClient(url, JSON_V1);
    await first.arrived(20);
    const cursor = encodeURIComponent(String(first.json()[7]?.id));
    const second = await wsClient(`${url}?cursor=${cursor}`, JSON_V1);
    await second.arrived(12);
    expect(second.json().map(({ content }) => content)).toEqual(
      Array.from({ length: 12 }, (_, n) => String(n + 8)),
    );
  });

  test('a message that a policy fails on is told in its place, and the stream goes on', async () => {
    const flows = [
      {
        subscribe: [
          {
            policy: 'policy-interrupt',
            messageCondition: "{#message.content == '1'}",
            configuration: { statusCode: 412, errorKey: 'NO_ONES', message: 'no ones' },
          },
        ],
      },
    ];
    const { ws: url } = await gatewayOver(faultyEndpoint(numberedMessages(3)), { api: { flows } });
    const client = await wsClient(url, JSON_V1);
    await client.arrived(3);
    expect(client.json().map(({ content, error }) => content ?? (error as { key: string }).key)).toEqual([
      '0',
      'NO_ONES',
      '2',
    ]);
    const plain = await wsClient(url);
    expect(await plain.closed()).toEqual([1008, 'NO_ONES: no ones']);
  });

  test.each([
    ['not JSON', 'no', 'the frame is not valid JSON'],
    ['no object', '[]', 'a frame is a JSON object'],
    ['no type', {}, '"type" must be "publish", "ack", "nack" or "ping"'],
    ['no content', { type: 'publish' }, '"content" must be a string, or null for a tombstone'],
    ['an object as content', { type: 'publish', content: {} }, '"content" must be a string'],
    [
      'an unknown encoding',
      { type: 'publish', content: '', encoding: 'hex' },
      '"encoding" must be "base64" or "utf8"',
    ],
    ['a key that is none', { type: 'publish', content: '', key: 1 }, '"key" must be a string'],
    ['headers that are none', { type: 'publish', content: '', headers: [] }, '"headers" must be an object'],
    [
      'a header that is none',
      { type: 'publish', content: '', headers: { a: [1] } },
      'the header "a" must be a string',
    ],
    ['an id that is none', { type: 'publish', content: '', id: 7 }, '"id" must be a string'],
    ['an ack of nothing', { type: 'ack' }, '"id" must be the id of a message'],
  ])('a frame with %s is told, and the connection goes on', async (_, frame, reason) => {
    const endpoint = faultyEndpoint([]);
    const { ws: url } = await gatewayOver(endpoint);
    const client = await wsClient(url, JSON_V1);
    say(client, frame);
    say(client, { type: 'ping' });
    await client.arrived(2);
    expect(client.json()).toMatchObject([
      { type: 'error', error: { key: 'INVALID_FRAME', message: expect.stringContaining(reason) } },
      { type: 'pong' },
    ]);
    expect(endpoint.offered).toEqual([]);
  });

  test('a binary frame closes with 1003', async () => {
    const { ws: url } = await gatewayOver(faultyEndpoint([]));
    const client = await wsClient(url, JSON_V1);
    client.ws.send(Buffer.from('{}'));
    expect((await client.closed())[0]).toBe(1003);
  });

  test('frames at random close nothing and store nothing', async () => {
    const endpoint = faultyEndpoint([]);
    const { ws: url } = await gatewayOver(endpoint);
    const client = await wsClient(url, JSON_V1);
    const pieces = [
      '{',
      '}',
      '"type"',
      ':',
      '"publish"',
      ',',
      '"content"',
      'null',
      '[',
      ']',
      '1e999',
      '"\\ud800"',
      '\u0000',
      '__proto__',
    ];
    for (let n = 0; n < 500; n++) {
      say(
        client,
        Array.from({ length: n % 17 }, (_, at) => pieces[(n * 31 + at * 7) % pieces.length]).join(''),
      );
    }
    await client.arrived(500);
    expect(client.ws.readyState).toBe(client.ws.OPEN);
    expect(endpoint.offered).toEqual([]);
  });
});

describe('acknowledgements of the client', () => {
  const connect = (url: string) => wsClient(`${url}?acks=true`, JSON_V1);
  const ack = (client: Awaited<ReturnType<typeof wsClient>>, from: number, to: number) =>
    client.ws.send(
      JSON.stringify({
        type: 'ack',
        id: client
          .json()
          .slice(from, to)
          .map(({ id }) => id),
      }),
    );

  test('at most maxInFlight are open; what is acknowledged makes room', async () => {
    const endpoint = faultyEndpoint(new MemoryEndpoint({ messages: numberedMessages(30), batchSize: 5 }));
    const { ws: url } = await gatewayOver(endpoint, {
      qos: 'at-least-once',
      configuration: { maxInFlight: 10 },
    });
    const client = await connect(url);
    await client.arrived(10);
    expect(endpoint.deliveries.acked).toEqual([]);
    ack(client, 0, 5);
    await client.arrived(15);
    expect(client.frames).toHaveLength(15);
    expect(endpoint.deliveries.acked).toHaveLength(5);
  });

  test('what was not acknowledged comes again on the next connection, and nothing else', async () => {
    const endpoint = faultyEndpoint(numberedMessages(10));
    const { ws: url } = await gatewayOver(endpoint, { qos: 'at-least-once' });
    const first = await connect(url);
    await first.arrived(10);
    ack(first, 0, 4);
    await until(() => endpoint.deliveries.acked.length === 4, 5000, 'the acknowledgements');
    first.ws.terminate();
    await until(() => endpoint.openSubscriptions === 0, 5000, 'the end of the first');
    const second = await connect(url);
    await second.arrived(6);
    expect(second.json().map(({ content }) => content)).toEqual(['4', '5', '6', '7', '8', '9']);
  });

  test.each([
    ['none', 'sluice.json.v1', '?acks=true', 'acks need the level at-least-once'],
    ['at-least-once', undefined, '?acks=true', 'acks need the subprotocol'],
    ['at-least-once', 'sluice.json.v1', '?acks=maybe', 'acks must be true or false'],
  ])('with %s, %s and %s are refused', async (qos, protocol, query, reason) => {
    const { ws: url } = await gatewayOver(faultyEndpoint([]), { qos });
    const connecting = wsClient(`${url}${query}`, {
      headers: { accept: '*/*' },
      ...(protocol === undefined ? {} : { protocol }),
    });
    await expect(connecting).rejects.toMatchObject({
      statusCode: 400,
      body: expect.stringContaining(reason),
    });
  });
});
