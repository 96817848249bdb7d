import { request as httpRequest } from 'node:http';
import { newMessage, SluiceError } from '@sluice/core';
import { faultyEndpoint, numberedMessages, textMessage, until } from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import { contents, gatewayOver, JSON_V1 } from '../support/websocket-gateway.js';
import { wsClient } from '../support/ws-client.js';

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

  test('is who comes from a page of this host, where no origins are named', async () => {
    const gateway = await gatewayOver(faultyEndpoint([]));
    expect(await refusal(gateway.ws, { origin: gateway.url })).toBe('connected');
    expect(await refusal(gateway.ws, { origin: gateway.url.replace('http:', 'https:') })).toBe('connected');
    const named = { host: 'gateway.example' };
    expect(await refusal(gateway.ws, { origin: 'https://gateway.example:443', headers: named })).toBe(
      'connected',
    );
    for (const origin of [
      'https://evil.example',
      'null',
      'http://127.0.0.1:1',
      'https://evilgateway.example',
    ])
      expect(await refusal(gateway.ws, { origin, headers: named })).toBe(403);
  });

  test('is anybody, where all origins are named', async () => {
    const { ws: url } = await gatewayOver(faultyEndpoint([]), { configuration: { allowedOrigins: ['*'] } });
    expect(await refusal(url, { origin: 'https://evil.example' })).toBe('connected');
    expect(await refusal(url, { origin: 'null' })).toBe('connected');
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

describe('acknowledgements of what is published', () => {
  test.each([
    ['with a subscriber', 'none', {}],
    ['without a subscriber', 'none', { subscriber: { enabled: false } }],
    ['without a subscriber', 'auto', { subscriber: { enabled: false } }],
  ])('are those of the broker, %s, at the level %s', async (_, qos, configuration) => {
    const endpoint = faultyEndpoint([]);
    const { ws: url } = await gatewayOver(endpoint, { configuration, qos });
    const client = await wsClient(url);
    client.ws.send('x');
    await until(() => endpoint.offered.length === 1, 5000, 'the message');
    expect(endpoint.publishQos).toHaveLength(1);
    expect(endpoint.publishQos).not.toContain('none');
  });
});

describe('an endpoint that does one of both only', () => {
  test('reading: messages are sent, what clients publish is refused, and deploying says so', async () => {
    const endpoint = faultyEndpoint(numberedMessages(2));
    const { ws: url, problems } = await gatewayOver(endpoint, { modes: ['subscribe'] });
    expect(problems.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/no endpoint can publish.*"websocket" only subscribes/),
    );
    const client = await wsClient(url, JSON_V1);
    client.ws.send(JSON.stringify({ type: 'publish', id: '1', content: 'x' }));
    await client.arrived(3);
    expect(client.json()).toMatchObject([
      { type: 'message', content: '0' },
      { type: 'message', content: '1' },
      { type: 'receipt', id: '1', ok: false, error: { key: 'OPERATION_FORBIDDEN' } },
    ]);
    expect(endpoint.offered).toEqual([]);
    const plain = await wsClient(url);
    plain.ws.send('x');
    expect(await plain.closed()).toEqual([1008, expect.stringMatching(/^OPERATION_FORBIDDEN/)]);
  });

  test('publishing: what clients send is stored, and nothing is read', async () => {
    const endpoint = faultyEndpoint(numberedMessages(2));
    const { ws: url, problems } = await gatewayOver(endpoint, { modes: ['publish'] });
    expect(problems.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/no endpoint can subscribe.*"websocket" only publishes/),
    );
    const client = await wsClient(url, JSON_V1);
    client.ws.send(JSON.stringify({ type: 'publish', id: '1', content: 'x' }));
    await client.arrived(1);
    expect(client.json()).toMatchObject([{ type: 'receipt', id: '1', ok: true }]);
    expect(endpoint.subscribes).toEqual([]);
  });

  test('neither: there is no endpoint for it', async () => {
    const { ws: url } = await gatewayOver(faultyEndpoint([]), { modes: [] });
    await expect(wsClient(url)).rejects.toMatchObject({ statusCode: 503 });
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
    expect(await plain.closed()).toEqual([1013, 'goaway: Stopping, please reconnect']);
    expect(await enveloped.closed()).toEqual([1013, 'goaway: Stopping, please reconnect']);
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
