import { SluiceError } from '@sluice/core';
import { faultyEndpoint } from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import {
  apiDefinition,
  endpointPlugin,
  startTestGateway,
  type TestGatewayOptions,
} from '../support/gateway.js';

const JSON_ANSWER = { accept: 'application/json' };

async function gatewayOver(endpoint: ReturnType<typeof faultyEndpoint>, more: TestGatewayOptions = {}) {
  const apis = [apiDefinition({ endpoint: 'test' })];
  return startTestGateway({ plugins: [endpointPlugin(endpoint)], apis, ...more });
}

test('a POST is answered 202 with an empty body once the endpoint has the message', async () => {
  const endpoint = faultyEndpoint([]);
  const { url } = await gatewayOver(endpoint);
  const body = Buffer.from([0, 255, 10, 13, 128]);
  const response = await fetch(`${url}/test`, { method: 'POST', body });
  expect(response.status).toBe(202);
  expect(await response.text()).toBe('');
  expect(endpoint.offered.map(({ content }) => content)).toEqual([body]);
});

test('paths below the listener path reach the API too', async () => {
  const endpoint = faultyEndpoint([]);
  const { url } = await gatewayOver(endpoint);
  for (const path of ['/test', '/test/', '//test//', '/test/below', '/test?x=1']) {
    expect((await fetch(`${url}${path}`, { method: 'POST', body: 'x' })).status, path).toBe(202);
  }
});

test('many POSTs at once are each answered, and each stored once', async () => {
  const endpoint = faultyEndpoint([]);
  const { url } = await gatewayOver(endpoint);
  const bodies = Array.from({ length: 200 }, (_, n) => `message ${n}`);
  const answers = await Promise.all(bodies.map((body) => fetch(`${url}/test`, { method: 'POST', body })));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  expect(endpoint.offered.map(({ content }) => String(content)).sort()).toEqual([...bodies].sort());
});

describe('what the endpoint refuses', () => {
  test('is answered with the error of the refusal, and Retry-After where repeating helps', async () => {
    const refused = new SluiceError('PUBLISH_QUEUE_FULL', { retryAfterSeconds: 7 });
    const { url } = await gatewayOver(faultyEndpoint([], { refusePublish: () => refused }));
    const response = await fetch(`${url}/test`, { method: 'POST', body: 'x', headers: JSON_ANSWER });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('7');
    expect(await response.json()).toMatchObject({ key: 'PUBLISH_QUEUE_FULL', http_status_code: 503 });
  });

  test('shows its cause in the log only', async () => {
    const cause = new Error('broker-3.internal:9092 said no');
    const refused = new SluiceError('PUBLISH_REFUSED', { cause });
    const { url, log } = await gatewayOver(faultyEndpoint([], { refusePublish: () => refused }));
    const headers = { ...JSON_ANSWER, 'x-request-id': 'find-me' };
    const response = await fetch(`${url}/test`, { method: 'POST', body: 'x', headers });
    expect(response.status).toBe(502);
    expect(await response.text()).not.toContain('internal');
    const line = log.lines.find(({ members }) => members.requestId === 'find-me');
    expect(line).toMatchObject({ level: 'error', members: { key: 'PUBLISH_REFUSED', err: cause } });
  });

  test('does not stand in the way of the next message', async () => {
    const error = new SluiceError('MESSAGE_TOO_LARGE');
    const endpoint = faultyEndpoint([], { refusePublish: (_, n) => (n === 0 ? error : undefined) });
    const { url } = await gatewayOver(endpoint);
    const post = async () => (await fetch(`${url}/test`, { method: 'POST', body: 'x' })).status;
    expect([await post(), await post()]).toEqual([413, 202]);
  });
});

test('an endpoint that throws by accident is a 500 without its words', async () => {
  const endpoint = faultyEndpoint([]);
  endpoint.publish = () => Promise.reject(new TypeError('cannot read properties of undefined'));
  const { url } = await gatewayOver(endpoint);
  const response = await fetch(`${url}/test`, { method: 'POST', body: 'x', headers: JSON_ANSWER });
  expect(response.status).toBe(500);
  expect(await response.json()).toMatchObject({ key: 'INTERNAL_ERROR', message: 'Internal Server Error' });
});

test('an endpoint that gives fewer results than messages is a 500, not a success', async () => {
  const endpoint = faultyEndpoint([]);
  endpoint.publish = () => Promise.resolve([]);
  const { url } = await gatewayOver(endpoint);
  expect((await fetch(`${url}/test`, { method: 'POST', body: 'x' })).status).toBe(500);
});

test('an endpoint that never answers is a 504 after the request timeout, and the exchange is given up', async () => {
  const endpoint = faultyEndpoint([], { hangPublish: () => true });
  let signal: AbortSignal | undefined;
  const publish = endpoint.publish.bind(endpoint);
  endpoint.publish = (ctx, messages, options) => {
    signal = ctx.signal;
    return publish(ctx, messages, options);
  };
  const { url } = await gatewayOver(endpoint, { http: { requestTimeoutMs: 150 } });
  const began = performance.now();
  const response = await fetch(`${url}/test`, { method: 'POST', body: 'x', headers: JSON_ANSWER });
  expect(response.status).toBe(504);
  expect(performance.now() - began).toBeGreaterThanOrEqual(140);
  expect(await response.json()).toMatchObject({ key: 'REQUEST_TIMEOUT' });
  expect(signal?.aborted).toBe(true);
});
