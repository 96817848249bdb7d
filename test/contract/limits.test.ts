import { faultyEndpoint, until } from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import {
  apiDefinition,
  endpointPlugin,
  startTestGateway,
  type TestGatewayOptions,
} from '../support/gateway.js';
import { rawSocket } from '../support/raw-socket.js';

const LIMIT = 10_000;

async function limited(http: TestGatewayOptions['http'] = {}) {
  const endpoint = faultyEndpoint([]);
  const gateway = await startTestGateway({
    plugins: [endpointPlugin(endpoint)],
    apis: [apiDefinition({ endpoint: 'test' })],
    http: { maxBodyBytes: LIMIT, maxHeaderBytes: 2048, ...http },
  });
  const serves = async () =>
    (await fetch(`${gateway.url}/test`, { method: 'POST', body: 'x' })).status === 202;
  return { ...gateway, endpoint, serves };
}

const head = (...headers: string[]) =>
  ['POST /test HTTP/1.1', 'Host: gateway', 'Accept: */*', ...headers, '', ''].join('\r\n');

describe('the size of a body', () => {
  test('may be the limit exactly, and is refused one byte above it', async () => {
    const { url, endpoint } = await limited();
    const post = async (bytes: number) =>
      (await fetch(`${url}/test`, { method: 'POST', body: Buffer.alloc(bytes, 'x') })).status;
    expect([await post(LIMIT), await post(LIMIT + 1)]).toEqual([202, 413]);
    expect(endpoint.offered).toHaveLength(1);
  });

  test('announced above the limit is refused before a byte of it is sent, and the connection closed', async () => {
    const { port, endpoint, serves } = await limited();
    const raw = await rawSocket(port);
    raw.socket.write(head('Content-Length: 10001'));
    const answer = await raw.receives(/\r\n\r\n.*"key":"PAYLOAD_TOO_LARGE"/s);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    await raw.closed();
    expect(endpoint.offered).toEqual([]);
    expect(await serves()).toBe(true);
  });

  test('is counted as it comes when it is chunked: the answer is there long before its end', async () => {
    const { port, endpoint, serves } = await limited();
    const raw = await rawSocket(port);
    raw.socket.write(head('Transfer-Encoding: chunked'));
    const chunk = `1000\r\n${'x'.repeat(4096)}\r\n`;
    for (let sent = 0; sent < 3; sent++) raw.socket.write(chunk);
    expect(await raw.receives(/"key":"PAYLOAD_TOO_LARGE"/)).toMatch(/^HTTP\/1\.1 413 /);
    await raw.closed();
    expect(endpoint.offered).toEqual([]);
    expect(await serves()).toBe(true);
  });

  test.each([
    [LIMIT, 202],
    [LIMIT + 1, 413],
  ])('of %i bytes that comes whole with its head, without a length, is %i', async (bytes, status) => {
    const { port, endpoint, serves } = await limited();
    const raw = await rawSocket(port);
    const body = `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n0\r\n\r\n`;
    raw.socket.write(head('Transfer-Encoding: chunked') + body);
    expect(await raw.receives(/\r\n\r\n/)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(endpoint.offered.map(({ content }) => content?.length)).toEqual(status === 202 ? [bytes] : []);
    expect(await serves()).toBe(true);
  });

  test('far above the limit is refused to a client that writes it all before it reads', async () => {
    const { port, serves } = await limited();
    const raw = await rawSocket(port);
    raw.socket.pause();
    await new Promise((resolve) => {
      raw.socket.write(head('Content-Length: 8000000'));
      raw.socket.write(Buffer.alloc(8_000_000, 'x'), resolve);
    });
    raw.socket.resume();
    expect(await raw.receives(/"key":"PAYLOAD_TOO_LARGE"/)).toMatch(/^HTTP\/1\.1 413 /);
    expect(await serves()).toBe(true);
  });

  test('that a client waits to send is asked for only when it is wanted', async () => {
    const { port, endpoint } = await limited();
    const answerTo = async (target: string, length: number) => {
      const raw = await rawSocket(port);
      const lines = head('Expect: 100-continue', `Content-Length: ${length}`).replace('/test', target);
      raw.socket.write(lines);
      return { raw, answer: await raw.receives(/\r\n\r\n/) };
    };
    expect((await answerTo('/test', LIMIT + 1)).answer).toMatch(/^HTTP\/1\.1 413 /);
    expect((await answerTo('/none', 1)).answer).toMatch(/^HTTP\/1\.1 404 /);
    const { raw, answer } = await answerTo('/test', 2);
    expect(answer).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    raw.socket.write('ok');
    await raw.receives(/HTTP\/1\.1 202 /);
    expect(endpoint.offered.map(({ content }) => String(content))).toEqual(['ok']);
  });

  test('that is below the limit goes through in many small chunks', async () => {
    const { port, endpoint } = await limited();
    const raw = await rawSocket(port);
    raw.socket.write(head('Transfer-Encoding: chunked'));
    for (let n = 0; n < 100; n++) raw.socket.write(`1\r\n${n % 10}\r\n`);
    raw.socket.write('0\r\n\r\n');
    await raw.receives(/^HTTP\/1\.1 202 /);
    expect(String(endpoint.offered[0]?.content)).toBe('0123456789'.repeat(10));
  });
});

test.each([
  [999, 202],
  [1001, 431],
  [3500, 431],
])('of %i headers a request is %i', async (count, status) => {
  const { port, endpoint, serves } = await limited({ maxHeaderBytes: 65_536 });
  const raw = await rawSocket(port);
  // Beside these: Host, Accept and Content-Length.
  raw.socket.write(`${head('Content-Length: 1', ...Array(count - 3).fill('a: b'))}x`);
  expect(await raw.receives(/\r\n\r\n/)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(endpoint.offered).toHaveLength(status === 202 ? 1 : 0);
  expect(await serves()).toBe(true);
});

describe('time', () => {
  test('a body that does not come to its end in time is 408, and the connection closed', async () => {
    const { port, endpoint, serves } = await limited({ bodyTimeoutMs: 150 });
    const raw = await rawSocket(port);
    raw.socket.write(`${head('Content-Length: 100')}only this`);
    expect(await raw.receives(/"key":"REQUEST_BODY_TIMEOUT"/)).toMatch(/^HTTP\/1\.1 408 /);
    await raw.closed();
    expect(endpoint.offered).toEqual([]);
    expect(await serves()).toBe(true);
  });

  test.each([
    ['as soon as the exchange', { bodyTimeoutMs: 300, requestTimeoutMs: 300 }],
    ['later than the exchange', { bodyTimeoutMs: 60_000, requestTimeoutMs: 300 }],
  ])('a body is 408 too where it may take %s', async (_, times) => {
    const { port } = await limited(times);
    const answers = Array.from({ length: 10 }, async () => {
      const raw = await rawSocket(port);
      raw.socket.write(`${head('Content-Length: 100')}only this`);
      return (await raw.receives(/"key":"/)).slice(0, 13);
    });
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['HTTP/1.1 408 ']));
  });

  test('headers that do not come to their end in time are 408, and the connection closed', async () => {
    const { port, serves } = await limited({ headersTimeoutMs: 200 });
    const raw = await rawSocket(port);
    raw.socket.write('POST /test HTTP/1.1\r\nHost: gate');
    expect(await raw.receives(/"key":"REQUEST_BODY_TIMEOUT"/)).toMatch(/^HTTP\/1\.1 408 /);
    await raw.closed();
    expect(await serves()).toBe(true);
  });

  test('a client that breaks off within its body is noticed at once, and leaves nothing behind', async () => {
    const { port, endpoint, serves, log } = await limited();
    const raw = await rawSocket(port);
    raw.socket.write(`${head('Content-Length: 100')}only this`);
    raw.socket.end();
    const noticed = () => log.lines.some(({ message }) => message === 'The body ended too early');
    await until(noticed, 2000, 'the line in the log');
    expect(await serves()).toBe(true);
    expect(endpoint.offered).toHaveLength(1);
  });
});

describe('what is no valid request', () => {
  test.each([3000, 200_000])('headers above the limit, of %i bytes, are 431', async (bytes) => {
    const { port, serves } = await limited();
    const raw = await rawSocket(port);
    raw.socket.write(head(`X-Bomb: ${'x'.repeat(bytes)}`));
    expect(await raw.receives(/"key":"HEADERS_TOO_LARGE"/)).toMatch(/^HTTP\/1\.1 431 /);
    await raw.closed();
    expect(await serves()).toBe(true);
  });

  test.each([
    ['bytes that are no HTTP', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0xff, 0x0d, 0x0a])],
    ['an unknown method', Buffer.from('FROBNICATE /test HTTP/1.1\r\nHost: g\r\n\r\n')],
    ['an unknown version', Buffer.from('GET /test HTTP/9.9\r\nHost: g\r\n\r\n')],
    ['a length that is no number', Buffer.from(head('Content-Length: many'))],
    [
      'two ways to find the end of the body',
      Buffer.from(head('Content-Length: 5', 'Transfer-Encoding: chunked')),
    ],
    ['a chunk size that is no number', Buffer.from(`${head('Transfer-Encoding: chunked')}zz\r\n`)],
    ['a header name with a space', Buffer.from(head('Bad Name: x'))],
  ])('%s is 400 BAD_REQUEST, and the connection closed', async (_, bytes) => {
    const { port, serves, endpoint } = await limited();
    const raw = await rawSocket(port);
    raw.socket.write(bytes);
    expect(await raw.receives(/\r\n\r\n./)).toMatch(/^HTTP\/1\.1 400 /);
    expect(raw.received()).toContain('"key":"BAD_REQUEST"');
    await raw.closed();
    expect(endpoint.offered).toEqual([]);
    expect(await serves()).toBe(true);
  });

  test.each([
    ['HTTP/1.1 without a Host', 'POST /test HTTP/1.1\r\nContent-Length: 0\r\n\r\n', 400, 'BAD_REQUEST'],
    ['a Host with a space', 'GET /test HTTP/1.1\r\nHost: a b\r\n\r\n', 400, 'BAD_REQUEST'],
    ['two Hosts', 'GET /test HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n', 400, 'BAD_REQUEST'],
    [
      'an unknown expectation',
      'GET /test HTTP/1.1\r\nHost: g\r\nExpect: tea\r\n\r\n',
      417,
      'EXPECTATION_FAILED',
    ],
    ['a Host with a path', 'GET /test HTTP/1.1\r\nHost: a/b\r\n\r\n', 400, 'BAD_REQUEST'],
    ['a backslash in the path', 'GET /te\\st HTTP/1.1\r\nHost: g\r\n\r\n', 400, 'BAD_REQUEST'],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: g\r\n\r\n', 400, 'BAD_REQUEST'],
    ['an empty Host', 'GET /test HTTP/1.1\r\nHost:\r\n\r\n', 404, 'NO_ENTRYPOINT'],
    ['a path that is not decodable', 'GET /test/%zz%ff HTTP/1.1\r\nHost: g\r\n\r\n', 404, 'NO_ENTRYPOINT'],
    ['dot segments', 'GET /other/../test HTTP/1.1\r\nHost: g\r\n\r\n', 400, 'BAD_REQUEST'],
    ['a path of slashes', `GET ${'/'.repeat(1500)} HTTP/1.1\r\nHost: g\r\n\r\n`, 404, 'NO_CONTEXT_PATH'],
    [
      'a path of many segments',
      `GET ${'/a'.repeat(900)} HTTP/1.1\r\nHost: g\r\n\r\n`,
      404,
      'NO_CONTEXT_PATH',
    ],
    ['a whole URL of nowhere', 'GET http://g HTTP/1.1\r\nHost: g\r\n\r\n', 404, 'NO_CONTEXT_PATH'],
  ])('%s is refused with a key', async (_, text, status, key) => {
    const { port, serves } = await limited();
    const raw = await rawSocket(port);
    raw.socket.write(text.replace('\r\n', '\r\nAccept: application/json\r\n'));
    expect(await raw.receives(/\r\n\r\n.*\}$/s)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(raw.received()).toContain(`"key":"${key}"`);
    expect(raw.received()).toMatch(/\r\nx-request-id: \S+/i);
    expect(await serves()).toBe(true);
  });

  test.each([
    ['HTTP/1.0 without a Host', 'POST /test HTTP/1.0\r\nContent-Length: 1\r\n\r\nx'],
    ['a whole URL as the target', 'POST http://g/test HTTP/1.1\r\nHost: g\r\nContent-Length: 1\r\n\r\nx'],
    ['a name in any case, and space', 'POST /test HTTP/1.1\r\nHOST:  g  \r\ncontent-LENGTH: 1\r\n\r\nx'],
  ])('%s is served', async (_, text) => {
    const { port, endpoint } = await limited();
    const raw = await rawSocket(port);
    raw.socket.write(text);
    expect(await raw.receives(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 202 /);
    expect(endpoint.offered).toHaveLength(1);
  });
});

test('connections above maxConnections are closed at once, and those below go on', async () => {
  const { port } = await limited({ maxConnections: 2 });
  const [one, two] = [await rawSocket(port), await rawSocket(port)];
  one.socket.write('GET /nowhere HTTP/1.1\r\nHost: g\r\n\r\n');
  await one.receives(/^HTTP\/1\.1 404 /);
  const third = await rawSocket(port);
  await third.closed();
  expect(third.received()).toBe('');
  two.socket.write('GET /nowhere HTTP/1.1\r\nHost: g\r\n\r\n');
  await two.receives(/^HTTP\/1\.1 404 /);
});

test.each([
  ['2,000 pieces of ten bytes', 2000, 'abcdefghij', 202],
  ['1,000 of one', 1000, 'x', 202],
  ['2,000 of one', 2000, 'x', 400],
])('a body that comes in %s is taken whole, or refused', async (_, count, piece, status) => {
  const endpoint = faultyEndpoint([]);
  const gateway = await startTestGateway({
    plugins: [endpointPlugin(endpoint)],
    apis: [apiDefinition({ endpoint: 'test' })],
  });
  const { socket, receives } = await rawSocket(gateway.port);
  socket.write('POST /test HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
  socket.write(`${piece.length.toString(16)}\r\n${piece}\r\n`.repeat(count));
  socket.write('0\r\n\r\n');
  expect(await receives(/\r\n\r\n/)).toContain(`HTTP/1.1 ${status} `);
  const stored = status === 202 ? [piece.repeat(count)] : [];
  expect(endpoint.offered.map(({ content }) => content?.toString())).toEqual(stored);
});

test.each(['/test/.', '/test/./x', '/./test', '/x/../test', '/test/%2E%2e/x', '/test/..'])(
  'a path with a segment of dots is refused: %s',
  async (path) => {
    const gateway = await startTestGateway({ apis: [apiDefinition()] });
    const { socket, receives } = await rawSocket(gateway.port);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n`);
    expect(await receives(/\r\n\r\n/)).toContain('HTTP/1.1 400 ');
  },
);
