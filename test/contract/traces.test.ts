import { MemoryEndpoint, numberedMessages } from '@sluice/core/testing';
import { beforeAll, expect, test } from 'vitest';
import { startGatewayProcess } from '../e2e/support/gateway-process.js';
import { buildCli, folderWith, runCli } from '../support/cli.js';
import { attributesOf, collector } from '../support/collector.js';
import { apiDefinition, endpointPlugin, startTestGateway } from '../support/gateway.js';
import { webhook } from '../support/plugins.js';
import { admin, pushApi, subscription } from '../support/push-api.js';
import { sseClient } from '../support/sse-client.js';
import { webhookSink } from '../support/webhook-sink.js';

const QUICK = { OTEL_METRIC_EXPORT_INTERVAL: '100', OTEL_BSP_SCHEDULE_DELAY: '50' };
const CLIENT = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
const TRACEPARENT = `00-${CLIENT.traceId}-${CLIENT.spanId}-01`;
const API = apiDefinition({
  id: 'orders',
  qos: 'none',
  configuration: { messageInterval: 0, messageCount: 3 },
});

beforeAll(buildCli, 120_000);

function jsonTo(url: string) {
  return { ...QUICK, OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
}

test("a request's span goes on with the client's trace, and what is published is a part of it", async () => {
  const sink = await collector();
  const gateway = await startGatewayProcess({ apis: [API], env: jsonTo(sink.url) });
  await fetch(`${gateway.url}/orders/below?client=4711`, {
    method: 'POST',
    body: 'four',
    headers: { traceparent: TRACEPARENT, tracestate: 'vendor=1' },
  });
  const named = (name: string) => sink.spans().find((span) => span.name === name);
  await expect.poll(() => named('POST /orders/'), { timeout: 10_000 }).toBeDefined();
  await expect.poll(() => named('send mock')).toBeDefined();
  const server = named('POST /orders/');
  const send = named('send mock');
  expect(server).toMatchObject({ kind: 2, traceId: CLIENT.traceId, parentSpanId: CLIENT.spanId });
  expect(attributesOf(server ?? { attributes: [] })).toEqual({
    'http.request.method': 'POST',
    'url.scheme': 'http',
    'http.route': '/orders/',
    'sluice.api': 'orders',
    'http.response.status_code': '202',
  });
  expect(send).toMatchObject({ kind: 4, traceId: CLIENT.traceId, parentSpanId: server?.spanId });
  expect(attributesOf(send ?? { attributes: [] })).toEqual({
    'messaging.system': 'mock',
    'messaging.operation.name': 'send',
    'messaging.operation.type': 'send',
    'messaging.destination.name': 'mock',
    'messaging.message.body.size': '4',
  });
  expect(await gateway.stop()).toBe(0);
});

test('each batch of a stream is a trace of its own, linked to the request', async () => {
  const sink = await collector();
  const gateway = await startGatewayProcess({ apis: [API], env: jsonTo(sink.url) });
  const stream = await sseClient(`${gateway.url}/orders`, { traceparent: TRACEPARENT });
  await stream.events(3);
  await stream.ended();
  const named = (name: string) => sink.spans().find((span) => span.name === name);
  await expect.poll(() => named('process mock'), { timeout: 10_000 }).toBeDefined();
  await expect.poll(() => named('GET /orders/')).toBeDefined();
  const server = named('GET /orders/');
  const batch = named('process mock');
  expect(server?.traceId).toBe(CLIENT.traceId);
  expect(batch).toMatchObject({ kind: 5, links: [{ traceId: CLIENT.traceId, spanId: server?.spanId }] });
  expect(batch?.traceId).not.toBe(CLIENT.traceId);
  expect(attributesOf(batch ?? { attributes: [] })['messaging.batch.message_count']).toBe('3');
  expect(await gateway.stop()).toBe(0);
});

test('a failure is told in the span; a trace that is not valid is none', async () => {
  const sink = await collector();
  const gateway = await startGatewayProcess({ apis: [API], env: jsonTo(sink.url) });
  for (const traceparent of ['00-0-0-01', `00-${'0'.repeat(32)}-${CLIENT.spanId}-01`, 'x'.repeat(10_000)])
    await fetch(`${gateway.url}/orders`, { method: 'POST', body: 'x', headers: { traceparent } });
  await expect.poll(() => sink.spans().filter(({ kind }) => kind === 2).length, { timeout: 10_000 }).toBe(3);
  for (const span of sink.spans().filter(({ kind }) => kind === 2)) {
    expect(span.parentSpanId ?? '').toBe('');
    expect(span.status.code ?? 0).toBe(0);
  }
  expect(await gateway.stop()).toBe(0);
});

test('a sampler that takes nothing sends nothing, and the gateway serves', async () => {
  const sink = await collector();
  const env = { ...jsonTo(sink.url), OTEL_TRACES_SAMPLER: 'always_off' };
  const gateway = await startGatewayProcess({ apis: [API], env });
  expect((await fetch(`${gateway.url}/orders`, { method: 'POST', body: 'x' })).status).toBe(202);
  const told = () => sink.metrics().some(({ name }) => name === 'http.server.request.duration');
  await expect.poll(told, { timeout: 10_000 }).toBe(true);
  // What is left is sent when it stops.
  expect(await gateway.stop()).toBe(0);
  expect(sink.spans()).toEqual([]);
});

test('metrics are sent as OTLP with names, units and buckets of their own', async () => {
  const sink = await collector();
  const env = { ...jsonTo(sink.url), OTEL_TRACES_EXPORTER: 'none', OTEL_SERVICE_NAME: 'gate-1' };
  const gateway = await startGatewayProcess({ apis: [API], env });
  await fetch(`${gateway.url}/orders`, { method: 'POST', body: 'x' });
  const last = (name: string) => sink.metrics().findLast((metric) => metric.name === name);
  await expect.poll(() => last('messaging.write.body.size'), { timeout: 10_000 }).toBeDefined();
  const size = last('messaging.write.body.size');
  expect(size?.unit).toBe('By');
  expect(size?.histogram?.dataPoints).toHaveLength(1);
  expect(Number(size?.histogram?.dataPoints[0]?.count)).toBe(1);
  expect(attributesOf(size?.histogram?.dataPoints[0] ?? { attributes: [] })).toEqual({
    kind: 'mock',
    topic: 'mock',
  });
  expect(sink.received.every(({ path }) => path === '/v1/metrics')).toBe(true);
  expect(String(sink.received[0]?.body)).toContain('gate-1');
  expect(await gateway.stop()).toBe(0);
});

test('without a word on the protocol it is protobuf', async () => {
  const sink = await collector();
  const env = { ...QUICK, OTEL_EXPORTER_OTLP_ENDPOINT: sink.url };
  const gateway = await startGatewayProcess({ apis: [API], env });
  await fetch(`${gateway.url}/orders`, { method: 'POST', body: 'x' });
  const has = (path: string, text: string) =>
    sink.received.some((one) => one.path === path && one.body.includes(text));
  await expect.poll(() => has('/v1/metrics', 'messaging.write.body.size'), { timeout: 10_000 }).toBe(true);
  await expect.poll(() => has('/v1/traces', 'POST /orders/')).toBe(true);
  expect(sink.received[0]?.headers['content-type']).toBe('application/x-protobuf');
  expect(await gateway.stop()).toBe(0);
});

test.each([
  ['is away', async () => 'http://127.0.0.1:1'],
  ['never answers', async () => (await collector({ answers: false })).url],
])('a collector that %s costs clients nothing, and one line of the log', async (_, place) => {
  const env = { ...jsonTo(await place()), OTEL_EXPORTER_OTLP_TIMEOUT: '200', OTEL_BSP_EXPORT_TIMEOUT: '200' };
  const args = ['--drain-timeout', '300ms'];
  const gateway = await startGatewayProcess({ apis: [API], env, args });
  const told = () =>
    gateway.log.filter(({ msg }) => String(msg).startsWith('metrics or traces cannot be exported'));
  const begun = performance.now();
  let posted = 0;
  while (told().length === 0 || performance.now() - begun < 1500) {
    const answer = await fetch(`${gateway.url}/orders`, { method: 'POST', body: 'x' });
    expect(answer.status).toBe(202);
    posted++;
    expect(performance.now() - begun).toBeLessThan(15_000);
  }
  expect(posted).toBeGreaterThan(100);
  expect(told()).toHaveLength(1);
  const stopping = performance.now();
  expect(await gateway.stop()).toBe(0);
  expect(performance.now() - stopping).toBeLessThan(4000);
});

test('a variable that cannot be followed keeps the gateway from starting, and says what may be', async () => {
  const folder = await folderWith({ 'orders.api.json': API });
  const { code, stdout, stderr } = await runCli(['start', '--apis', folder], {
    OTEL_TRACES_EXPORTER: 'jaeger',
  });
  expect(code).toBe(1);
  expect(stdout + stderr).toContain('OTEL_TRACES_EXPORTER is "jaeger"; it may be otlp, zipkin, none');
});

test('a callback is given the trace of the record', async () => {
  const sink = await webhookSink();
  const [message] = numberedMessages(1);
  const headers = [['traceparent', Buffer.from(TRACEPARENT)]] as const;
  const messages = message === undefined ? [] : [{ ...message, headers }];
  const gateway = await startTestGateway({
    plugins: [webhook, endpointPlugin(new MemoryEndpoint({ messages }))],
    folder: await folderWith({ 'push.api.json': pushApi() }),
    allowTargets: ['127.0.0.1'],
  });
  await admin(gateway, 'POST', '/apis/push/subscriptions', subscription(sink.url));
  await expect.poll(() => sink.calls[0]?.headers.traceparent).toBe(TRACEPARENT);
});
