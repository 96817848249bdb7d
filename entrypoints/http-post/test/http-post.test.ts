import type { RequestInfo } from '@sluice/core';
import { fakeContext, fakeHost, faultyEndpoint, recordingLogger } from '@sluice/core/testing';
import httpPost from '@sluice/entrypoint-http-post';
import { describe, expect, test } from 'vitest';

const DEFAULTS = {
  requestHeadersToMessage: false,
  successStatus: 202,
  receipt: false,
  batches: [],
  maxBatchMessages: 1000,
};

async function post(body: string, request: Partial<RequestInfo> = {}, requestHeadersToMessage = false) {
  const endpoint = faultyEndpoint([]);
  const ctx = fakeContext({ request: { method: 'POST', ...request } });
  const host = fakeHost({ endpoint, ctx, qos: 'balanced', body: Buffer.from(body) });
  const config = { ...DEFAULTS, requestHeadersToMessage };
  const entrypoint = httpPost.create(config, { apiId: 'test', log: recordingLogger() });
  return { response: await entrypoint.handle(ctx, host), endpoint };
}

test('a POST is answered 202 without a body', async () => {
  const { response } = await post('hello');
  expect(response).toEqual({ status: 202 });
});

test('a POST without a body carries no message and is answered 202', async () => {
  const { response, endpoint } = await post('');
  expect(response).toEqual({ status: 202 });
  expect(endpoint.offered).toEqual([]);
});

test('a message has no key, the time of its request, and no headers unless they are asked for', async () => {
  const headers = new Map([['x-app', ['1']]]);
  const { endpoint } = await post('hello', { headers, timestampMs: 1234 });
  expect(endpoint.offered).toEqual([
    { id: '', key: null, content: Buffer.from('hello'), headers: [], timestampMs: 1234, metadata: {} },
  ]);
});

describe('requestHeadersToMessage', () => {
  const copied = async (headers: Record<string, readonly string[]>) => {
    const { endpoint } = await post('hello', { headers: new Map(Object.entries(headers)) }, true);
    return endpoint.offered[0]?.headers.map(([name, value]) => [name, String(value)]);
  };

  test('copies headers in order, repeated ones each', async () => {
    const names = await copied({ 'x-b': ['2', '1'], 'content-type': ['text/plain'] });
    expect(names).toEqual([
      ['x-b', '2'],
      ['x-b', '1'],
      ['content-type', 'text/plain'],
    ]);
  });

  test('keeps the spelling of names', async () => {
    const headerNames = new Map([['x-tenant', 'X-Tenant']]);
    const headers = new Map([
      ['x-tenant', ['1', '2']],
      ['x-b', ['3']],
    ]);
    const { endpoint } = await post('hello', { headers, headerNames }, true);
    expect(endpoint.offered[0]?.headers.map(([name]) => name)).toEqual(['X-Tenant', 'X-Tenant', 'x-b']);
  });

  test('copies the bytes of a value as the client sent them, not those of how node reads them', async () => {
    const asNodeReadsIt = Buffer.from('é ✓', 'utf8').toString('latin1');
    expect(await copied({ 'x-a': [asNodeReadsIt] })).toEqual([['x-a', 'é ✓']]);
  });

  test.each([
    'authorization',
    'cookie',
    'proxy-authorization',
    'x-api-key',
    'x-gravitee-api-key',
    'connection',
    'content-length',
    'expect',
    'host',
    'keep-alive',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
  ])('leaves out %s', async (name) => {
    expect(await copied({ [name]: ['value'], 'x-kept': ['yes'] })).toEqual([['x-kept', 'yes']]);
  });
});
