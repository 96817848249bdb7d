import zlib, { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { faultyEndpoint } from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import { endpointPlugin, startTestGateway } from '../support/gateway.js';
import { rawSocket } from '../support/raw-socket.js';

const LIMIT = 100_000;
const TEXT = '{"order":1}';

async function started() {
  const endpoint = faultyEndpoint([]);
  const api = {
    id: 'test',
    name: 'test',
    type: 'message',
    definitionVersion: '4.0.0',
    listeners: [
      {
        type: 'http',
        paths: [{ path: '/test' }],
        entrypoints: [
          {
            type: 'http-post',
            configuration: { requestHeadersToMessage: true, batches: ['json-array', 'ndjson'] },
          },
        ],
      },
    ],
    endpointGroups: [{ name: 'g', type: 'test', endpoints: [{ name: 'e', type: 'test' }] }],
  };
  const gateway = await startTestGateway({
    apis: [api],
    plugins: [endpointPlugin(endpoint)],
    http: { maxBodyBytes: LIMIT },
  });
  const post = async (body: Buffer, encoding: string, type = 'text/plain') => {
    const headers = { 'content-encoding': encoding, 'content-type': type, accept: 'application/json' };
    const answer = await fetch(`${gateway.url}/test`, {
      method: 'POST',
      body: new Uint8Array(body),
      headers,
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, key: text === '' ? '' : JSON.parse(text).key };
  };
  const contents = () => endpoint.offered.map(({ content }) => String(content));
  return { ...gateway, endpoint, post, contents };
}

describe('a body with a Content-Encoding', () => {
  test.each([
    ['gzip', gzipSync(TEXT)],
    ['x-gzip', gzipSync(TEXT)],
    ['GZIP', gzipSync(TEXT)],
    ['deflate', deflateSync(TEXT)],
    ['deflate', deflateRawSync(TEXT)],
    ['br', brotliCompressSync(TEXT)],
    ['gzip, br', brotliCompressSync(gzipSync(TEXT))],
    ['identity, gzip', gzipSync(TEXT)],
    ['identity', Buffer.from(TEXT)],
  ])('%s is published as it was before', async (encoding, body) => {
    const { post, contents, endpoint } = await started();
    expect((await post(body, encoding)).status).toBe(202);
    expect(contents()).toEqual([TEXT]);
    expect(endpoint.offered[0]?.headers.map(([name]) => name.toLowerCase())).not.toContain(
      'content-encoding',
    );
  });

  test('is split into its messages once it is decoded', async () => {
    const { post, contents } = await started();
    expect((await post(gzipSync('[1,{"a":2}]'), 'gzip', 'application/json')).status).toBe(202);
    expect((await post(gzipSync('1\n2'), 'gzip', 'application/ndjson')).status).toBe(202);
    expect(contents()).toEqual(['1', '{"a":2}', '1', '2']);
  });

  test('may come to the limit exactly, and is refused one byte above it, however small it was', async () => {
    const { post, contents } = await started();
    const zeros = (bytes: number) => gzipSync(Buffer.alloc(bytes));
    expect(zeros(LIMIT + 1).length).toBeLessThan(500);
    expect(await post(zeros(LIMIT), 'gzip')).toMatchObject({ status: 202 });
    expect(await post(zeros(LIMIT + 1), 'gzip')).toMatchObject({ status: 413, key: 'PAYLOAD_TOO_LARGE' });
    expect(await post(gzipSync(zeros(200_000_000)), 'gzip, gzip')).toMatchObject({ status: 413 });
    expect(contents().map(({ length }) => length)).toEqual([LIMIT]);
  });

  test.each([
    ['compress', 'compress'],
    ['one that nobody knows', 'magic'],
    ['three upon each other', 'gzip, gzip, gzip'],
  ])('of %s is 415, with what may be sent', async (_, encoding) => {
    const { post, contents } = await started();
    const { status, headers, key } = await post(gzipSync(TEXT), encoding);
    expect([status, key]).toEqual([415, 'UNSUPPORTED_CONTENT_ENCODING']);
    expect(headers.get('accept-encoding')).toMatch(/^gzip, deflate, br/);
    expect(contents()).toEqual([]);
  });

  test('of zstd is decoded where Node can, and else 415', async () => {
    const { post, contents } = await started();
    const { zstdCompressSync } = zlib as { zstdCompressSync?: (text: string) => Buffer };
    const { status } = await post(zstdCompressSync?.(TEXT) ?? Buffer.from('x'), 'zstd');
    expect([status, contents()]).toEqual(zstdCompressSync === undefined ? [415, []] : [202, [TEXT]]);
  });

  test.each([
    ['gzip', Buffer.from(TEXT)],
    ['gzip', gzipSync(TEXT).subarray(0, -9)],
    ['deflate', Buffer.from([0xff, 0xff, 0xff])],
    ['br', Buffer.from([0xff])],
  ])('that is no %s is 400, and nothing is published', async (encoding, body) => {
    const { post, contents } = await started();
    expect(await post(body, encoding)).toMatchObject({ status: 400, key: 'BAD_REQUEST' });
    expect(contents()).toEqual([]);
  });
});

describe('a Transfer-Encoding', () => {
  test.each([
    ['of more than chunks', 'HTTP/1.1', 'gzip, chunked', 501],
    ['of chunks', 'HTTP/1.1', 'Chunked', 202],
    ['of HTTP/1.0', 'HTTP/1.0', 'chunked', 400],
  ])('%s', async (_, version, coding, status) => {
    const { port, contents } = await started();
    const raw = await rawSocket(port);
    raw.socket.write(
      `POST /test ${version}\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: ${coding}\r\n\r\n1\r\nx\r\n0\r\n\r\n`,
    );
    await raw.closed();
    expect(raw.received()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(contents()).toEqual(status === 202 ? ['x'] : []);
  });
});
