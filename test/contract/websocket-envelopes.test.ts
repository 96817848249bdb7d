import { type Message, newMessage, SluiceError } from '@sluice/core';
import { faultyEndpoint, MemoryEndpoint, numberedMessages, until } from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import { gatewayOver, JSON_V1 } from '../support/websocket-gateway.js';
import { wsClient } from '../support/ws-client.js';

describe('sluice.json.v1', () => {
  const say = (client: Awaited<ReturnType<typeof wsClient>>, frame: unknown) =>
    client.ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame));

  const stored = (offset: number) => ({
    topic: 'memory',
    partition: 0,
    offset,
    id: `memory@0#${offset}`,
  });

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
      { type: 'receipt', id: '1', ok: true, storedAt: [stored(0)] },
      { type: 'receipt', id: '2', ok: true, storedAt: [stored(1)] },
      { type: 'receipt', ok: true, storedAt: [stored(2)] },
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

  test('one with too many headers, or too long ones, has a receipt that says so; the others are published', async () => {
    const endpoint = faultyEndpoint([]);
    const { ws: url } = await gatewayOver(endpoint, { configuration: { subscriber: { enabled: false } } });
    const client = await wsClient(url, JSON_V1);
    const headers = [
      { a: Array(1000).fill('v') },
      { a: Array(1001).fill('v') },
      { a: 'v'.repeat(262_143) },
      { a: 'v'.repeat(262_144) },
    ];
    for (const [id, each] of headers.entries())
      say(client, { type: 'publish', id: `${id}`, headers: each, content: `${id}` });
    await client.arrived(4);
    expect(client.json().map(({ id, ok, error }) => [id, ok, (error as { key: string })?.key])).toEqual([
      ['0', true, undefined],
      ['1', false, 'TOO_MANY_HEADERS'],
      ['2', true, undefined],
      ['3', false, 'TOO_MANY_HEADERS'],
    ]);
    expect(endpoint.offered.map(({ content }) => String(content))).toEqual(['0', '2']);
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
    ...['!', 'a', 'ab=', 'abc==', 'YQ==YQ=='].map((content): [string, object, string] => [
      `content that is no base64 (${content})`,
      { type: 'publish', content, encoding: 'base64' },
      '"content" is not base64',
    ]),
    ['half a character', { type: 'publish', content: 'a\ud800' }, '"content" holds half of a character'],
    [
      'half a character in a header',
      { type: 'publish', content: '', headers: { h: '\udc00' } },
      '"headers.h" holds half of a character',
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

  test('base64 is read in both alphabets, padded or not', async () => {
    const endpoint = faultyEndpoint([]);
    const { ws: url } = await gatewayOver(endpoint);
    const client = await wsClient(url, JSON_V1);
    for (const content of ['', '+/8=', '-_8', 'YWI=', 'YQ==', 'YQ', 'YWJj'])
      say(client, { type: 'publish', content, encoding: 'base64' });
    await until(() => endpoint.offered.length === 7, 5000, 'the messages');
    expect(endpoint.offered.map(({ content }) => content?.toString('base64'))).toEqual([
      '',
      '+/8=',
      '+/8=',
      'YWI=',
      'YQ==',
      'YQ==',
      'YWJj',
    ]);
  });

  test('a binary frame closes with 1003', async () => {
    const { ws: url } = await gatewayOver(faultyEndpoint([]));
    const client = await wsClient(url, JSON_V1);
    client.ws.send(Buffer.from('{}'));
    expect((await client.closed())[0]).toBe(1003);
  });

  test('a client that asks and never reads is not read either: what waits for it is bounded, and it is closed', async () => {
    const { ws: url, log } = await gatewayOver(faultyEndpoint([]), {
      configuration: { stallTimeoutMs: 1000 },
    });
    const client = await wsClient(url, JSON_V1);
    client.ws.pause();
    // Each is answered by an error that is longer than itself; 200,000 of them would be 30 MB.
    for (let n = 0; n < 200_000; n++) client.ws.send('x');
    await until(() => log.lines.some(({ members }) => members.key === 'SLOW_CONSUMER'), 15_000, 'the end');
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
