import { defineEndpoint, MessagingTelemetry, QOS_LEVELS, SluiceError } from '@sluice/core';
import { describe, expect, test } from 'vitest';
import { folderWith } from '../support/cli.js';
import { apiDefinition, startTestGateway } from '../support/gateway.js';
import { webhook } from '../support/plugins.js';
import { sampleValue, scrape } from '../support/prometheus.js';
import { admin, pushApi, subscription } from '../support/push-api.js';
import { sseClient } from '../support/sse-client.js';
import { webhookSink } from '../support/webhook-sink.js';

const HTTP = 'http_server_request_duration_seconds';

test('a request is told by the path of its listener, its API, its method and its status', async () => {
  const { url, adminUrl } = await startTestGateway({ apis: [apiDefinition({ id: 'orders' })] });
  await fetch(`${url}/orders/client-4711?secret=1`, { method: 'POST', body: 'x' });
  await fetch(`${url}/orders`, { method: 'DELETE' });
  await fetch(`${url}/somewhere/else`);
  const metrics = await scrape(adminUrl);
  const posted = {
    http_request_method: 'POST',
    url_scheme: 'http',
    http_route: '/orders/',
    sluice_api: 'orders',
    http_response_status_code: '202',
  };
  expect(metrics.get(HTTP)?.samples.get(`${HTTP}_count`)).toEqual([
    { labels: posted, value: 1 },
    {
      labels: { ...posted, http_request_method: 'DELETE', http_response_status_code: '405' },
      value: 1,
    },
    {
      labels: { http_request_method: 'GET', url_scheme: 'http', http_response_status_code: '404' },
      value: 1,
    },
  ]);
  expect(sampleValue(metrics, `${HTTP}_sum`, posted)).toBeGreaterThan(0);
  expect(sampleValue(metrics, `${HTTP}_sum`, posted)).toBeLessThan(5);
});

const WRITE = { kind: 'mock', topic: 'mock' };
const SENT = {
  messaging_system: 'mock',
  messaging_operation_name: 'send',
  messaging_destination_name: 'mock',
};

test('what is published is told by the names of OpenTelemetry and of KrakenD', async () => {
  const { url, adminUrl } = await startTestGateway({ apis: [apiDefinition()] });
  expect((await scrape(adminUrl)).has('messaging_write_body_size_bytes')).toBe(false);
  for (const bytes of [1, 100, 100_000])
    await fetch(`${url}/test`, { method: 'POST', body: 'x'.repeat(bytes) });
  const metrics = await scrape(adminUrl);
  const size = 'messaging_write_body_size_bytes';
  expect(metrics.get(size)?.type).toBe('histogram');
  expect(metrics.get(size)?.samples.get(`${size}_count`)).toEqual([{ labels: WRITE, value: 3 }]);
  expect(sampleValue(metrics, `${size}_sum`)).toBe(100_101);
  expect(sampleValue(metrics, `${size}_bucket`, { le: '64' })).toBe(1);
  expect(sampleValue(metrics, `${size}_bucket`, { le: '256' })).toBe(2);
  const duration = 'messaging_write_body_duration_seconds';
  expect(metrics.get(duration)?.samples.get(`${duration}_count`)).toEqual([{ labels: WRITE, value: 3 }]);
  const sent = 'messaging_client_sent_messages_total';
  expect(metrics.get(sent)?.samples.get(sent)).toEqual([{ labels: SENT, value: 3 }]);
  const operation = 'messaging_client_operation_duration_seconds';
  expect(metrics.get(operation)?.samples.get(`${operation}_count`)).toEqual([{ labels: SENT, value: 3 }]);
  expect(metrics.has('messaging_write_failure_count_seconds')).toBe(false);
});

test('what a stream reads is told once a message, and that it is open while it is', async () => {
  const configuration = { messageInterval: 0, messageCount: 7, messageContent: 'seven' };
  const { url, adminUrl } = await startTestGateway({ apis: [apiDefinition({ configuration, qos: 'none' })] });
  const stream = await sseClient(`${url}/test`);
  await stream.events(7);
  const open = { sluice_api: 'test', sluice_entrypoint: 'sse' };
  await stream.ended();
  const metrics = await scrape(adminUrl);
  const labels = { ...WRITE, origin: 'subscriber' };
  const size = 'messaging_read_body_size_bytes';
  expect(metrics.get(size)?.samples.get(`${size}_count`)).toEqual([{ labels, value: 7 }]);
  expect(sampleValue(metrics, `${size}_sum`)).toBe(7 * 5);
  const duration = 'messaging_read_body_duration_seconds';
  expect(metrics.get(duration)?.samples.get(`${duration}_count`)).toEqual([{ labels, value: 1 }]);
  const consumed = 'messaging_client_consumed_messages_total';
  expect(metrics.get(consumed)?.samples.get(consumed)).toEqual([
    { labels: { ...SENT, messaging_operation_name: 'poll' }, value: 7 },
  ]);
  const process = 'messaging_process_duration_seconds';
  expect(metrics.get(process)?.samples.get(`${process}_count`)).toEqual([
    { labels: { ...SENT, messaging_operation_name: 'process' }, value: 1 },
  ]);
  expect(sampleValue(metrics, 'sluice_streams_open', open)).toBe(0);
});

test('open streams are told by API and entrypoint', async () => {
  const apis = [apiDefinition({ id: 'one' }), apiDefinition({ id: 'two' })];
  const { url, adminUrl } = await startTestGateway({ apis });
  const streams = [];
  for (const path of ['one', 'one', 'two']) streams.push(await sseClient(`${url}/${path}`));
  const openOf = async (api: string) =>
    sampleValue(await scrape(adminUrl), 'sluice_streams_open', { sluice_api: api, sluice_entrypoint: 'sse' });
  expect([await openOf('one'), await openOf('two')]).toEqual([2, 1]);
  streams[0]?.leave();
  await expect.poll(() => openOf('one')).toBe(1);
  expect(await openOf('two')).toBe(1);
});

describe('an endpoint of its own', () => {
  /** Fails on what says so, and reads a topic for each message. */
  const failing = defineEndpoint<object, object>({
    kind: 'endpoint',
    id: 'failing',
    qos: QOS_LEVELS,
    capabilities: ['auto-ack', 'manual-ack', 'recover'],
    schema: { type: 'object', additionalProperties: false },
    create(_config, _shared, { telemetry }) {
      const messaging = new MessagingTelemetry(telemetry, 'failing');
      return {
        publish: (_ctx, messages) =>
          Promise.resolve(
            messages.map(({ content }) => {
              messaging.topic(String(content))?.failed(0.004, 'PUBLISH_TIMEOUT');
              return { ok: false, error: new SluiceError('PUBLISH_TIMEOUT') } as const;
            }),
          ),
        subscribe: () => Promise.reject(new SluiceError('ENDPOINT_UNAVAILABLE')),
        health: () => ({ status: 'up' }),
        stop: () => Promise.resolve(),
      };
    },
  });

  test('what cannot be written is told with the reason, and how long it took', async () => {
    const { url, adminUrl } = await startTestGateway({
      plugins: [failing],
      apis: [apiDefinition({ endpoint: 'failing', qos: 'none' })],
    });
    expect((await fetch(`${url}/test`, { method: 'POST', body: 'orders' })).status).toBe(503);
    const metrics = await scrape(adminUrl);
    const labels = { messaging_destination_name: 'orders', error_type: 'PUBLISH_TIMEOUT' };
    expect(sampleValue(metrics, 'messaging_client_sent_messages_total', labels)).toBe(1);
    expect(sampleValue(metrics, 'messaging_client_operation_duration_seconds_count', labels)).toBe(1);
    const failure = 'messaging_write_failure_count_seconds';
    const own = { kind: 'failing', topic: 'orders' };
    expect(metrics.get(failure)?.samples.get(`${failure}_count`)).toEqual([{ labels: own, value: 1 }]);
    expect(sampleValue(metrics, `${failure}_sum`)).toBe(0.004);
    expect(metrics.has('messaging_write_body_size_bytes')).toBe(false);
    expect(sampleValue(metrics, 'http_server_request_duration_seconds_count', { error_type: '503' })).toBe(1);
  });

  test('clients who choose topics come to 200 of them, and then to _other', async () => {
    const { url, adminUrl } = await startTestGateway({
      plugins: [failing],
      apis: [apiDefinition({ endpoint: 'failing', qos: 'none' })],
    });
    for (let topic = 0; topic < 250; topic++)
      await fetch(`${url}/test`, { method: 'POST', body: `chosen-${topic}` });
    const metrics = await scrape(adminUrl);
    const failure = 'messaging_write_failure_count_seconds_count';
    expect(metrics.get('messaging_write_failure_count_seconds')?.samples.get(failure)).toHaveLength(201);
    expect(sampleValue(metrics, failure, { topic: '_other' })).toBe(50);
    expect(sampleValue(metrics, failure, { topic: 'chosen-199' })).toBe(1);
  });
});

test('nothing a client says becomes a label', async () => {
  const { url, adminUrl } = await startTestGateway({ apis: [apiDefinition()] });
  const headers = {
    'X-Gravitee-Client-Identifier': 'client-4711',
    'X-Request-Id': 'request-4711',
    'User-Agent': 'agent-4711',
  };
  await fetch(`${url}/test/path-4711?query=4711`, { method: 'POST', body: 'body-4711', headers });
  await fetch(`${url}/test`, { method: 'INVENTED4711' }).catch(() => undefined);
  const stream = await sseClient(`${url}/test?lastEventId=4711`, headers);
  await stream.events(1);
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  expect(text).toContain('messaging_read_body_size_bytes');
  expect(text).not.toContain('4711');
  stream.leave();
});

test('the process tells of itself', async () => {
  const { adminUrl } = await startTestGateway();
  const metrics = await scrape(adminUrl);
  expect(sampleValue(metrics, 'process_memory_usage_bytes')).toBeGreaterThan(1e7);
  expect(sampleValue(metrics, 'nodejs_eventloop_utilization_ratio')).toBeGreaterThanOrEqual(0);
  expect(sampleValue(metrics, 'nodejs_eventloop_delay_max_seconds')).toBeGreaterThanOrEqual(0);
});

test('switched off there is nothing, and /metrics says how to have it', async () => {
  const { url, adminUrl } = await startTestGateway({
    apis: [apiDefinition()],
    telemetry: { metrics: false },
  });
  expect((await fetch(`${url}/test`, { method: 'POST', body: 'x' })).status).toBe(202);
  const answer = await fetch(`${adminUrl}/metrics`);
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ message: expect.stringContaining('telemetry.metrics') });
});

test('pushed subscriptions are told by their states, and what they read as that of an agent', async () => {
  const sink = await webhookSink();
  const gateway = await startTestGateway({
    plugins: [webhook],
    folder: await folderWith({
      'push.api.json': {
        ...pushApi(),
        endpointGroups: [
          {
            name: 'group',
            type: 'mock',
            endpoints: [
              { name: 'mock', type: 'mock', configuration: { messageInterval: 0, messageCount: 3 } },
            ],
          },
        ],
      },
    }),
    allowTargets: ['127.0.0.1'],
  });
  const all = '/apis/push/subscriptions';
  const made = await admin(gateway, 'POST', all, subscription(sink.url));
  await expect.poll(() => sink.calls.length).toBe(3);
  await admin(gateway, 'POST', all, subscription(sink.url));
  await expect.poll(() => sink.calls.length).toBe(6);
  await admin(gateway, 'POST', `${all}/${made.body.id}/pause`);
  const metrics = await scrape(gateway.adminUrl);
  const counts = metrics.get('sluice_subscriptions')?.samples.get('sluice_subscriptions');
  expect(counts?.map(({ labels: { status }, value }) => [status, value]).sort()).toEqual([
    ['ACCEPTED', 1],
    ['PAUSED', 1],
  ]);
  const read = 'messaging_read_body_size_bytes_count';
  expect(sampleValue(metrics, read, { origin: 'agent' })).toBe(6);
  expect(sampleValue(metrics, read, { origin: 'subscriber' })).toBeUndefined();
});
