import { readFile } from 'node:fs/promises';
import { until } from '@sluice/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { consoleConsume } from '../support/kafka/console.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { type SecuredBroker, startSecuredBroker } from '../support/kafka/secured-broker.js';
import { webhookSink } from '../support/webhook-sink.js';
import { wsClient } from '../support/ws-client.js';
import { openEventLog } from './support/event-log.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { testProducer } from './support/numbered-records.js';

/** The members of a documented endpoint that say how it is configured, over a definition that serves it. */
const around = (id: string, endpoint: object) => ({
  id,
  name: id,
  definitionVersion: '4.0.0',
  type: 'message',
  listeners: [
    {
      type: 'http',
      paths: [{ path: `/${id}` }],
      entrypoints: [
        // As documented.
        {
          type: 'sse',
          qos: 'at-least-once',
          configuration: { heartbeatIntervalInMs: 5000, metadataAsComment: true, headersAsComment: true },
        },
      ],
    },
  ],
  endpointGroups: [{ name: 'default-group', type: 'kafka', endpoints: [endpoint] }],
});
const documented = (sharedConfigurationOverride: object) => ({
  name: 'default',
  type: 'kafka',
  weight: 1,
  inheritConfiguration: false,
  configuration: { bootstrapServers: 'kafka:9092' },
  sharedConfigurationOverride,
});

onRealKafka(
  'definitions as they are found',
  () => {
    let broker: SecuredBroker;
    beforeAll(async () => {
      broker = await startSecuredBroker();
    });
    afterAll(() => broker?.stop());

    it('the documented examples deploy unchanged, though their cluster is not there', async () => {
      const token = "{#context.attributes['gravitee.attribute.kafka.oauthbearer.token']}";
      const apis = {
        'dynamic-reset': documented({
          consumer: {
            enabled: true,
            topics: ['default_topic'],
            autoOffsetReset: "{#request.headers['autoOffsetReset'][0]}",
          },
        }),
        oauthbearer: documented({
          security: {
            protocol: 'SASL_PLAINTEXT',
            sasl: {
              saslMechanism: 'OAUTHBEARER',
              saslJaasConfig: `org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required access_token="${token}";`,
            },
          },
          producer: { enabled: true, topics: ['demo'], compressionType: 'none' },
          consumer: { enabled: true, encodeMessageId: true, topics: ['demo'], autoOffsetReset: 'latest' },
        }),
        consumer: documented({ consumer: { enabled: true, topics: ['demo'], autoOffsetReset: 'earliest' } }),
      };
      const producer = {
        ...around(
          'producer',
          documented({ producer: { enabled: true, topics: ['demo'] }, security: { protocol: 'PLAINTEXT' } }),
        ),
        listeners: [{ type: 'http', paths: [{ path: '/producer' }], entrypoints: [{ type: 'http-post' }] }],
      };
      const definitions = [...Object.entries(apis).map(([id, endpoint]) => around(id, endpoint)), producer];
      const gateway = await startGatewayProcess({ apis: definitions, args: ['--strict'] });
      expect(gateway.log.filter(({ path }) => path !== undefined)).toEqual([]);
      expect((await fetch(`${gateway.url}/producer`, { method: 'POST', body: 'x' })).status).toBe(503);
      expect(await gateway.stop()).toBe(0);
    });

    it('the full example: every part of it has its effect', async () => {
      // Unchanged but for where the cluster is, who logs in, and where the certificate lies.
      const text = (await readFile('test/fixtures/definitions/orders-events.api.json', 'utf8'))
        .replace('kafka-1:9093,kafka-2:9093', broker.addressOf('SASLTLS'))
        .replace('kafka-1:9093', broker.bootstrapServers)
        .replace('username=\\"u\\" password=\\"p\\"', 'username=\\"bob\\" password=\\"bob-secret\\"')
        .replace('/etc/gw/ca.pem', broker.authority.certificate);
      for (const topic of ['orders', 'orders.dlq', 'orders-eu']) await broker.createTopic(topic);
      const gateway = await startGatewayProcess({
        apis: [JSON.parse(text) as object],
        args: ['--strict'],
        env: { SLUICE_WEBHOOK_ALLOW_TARGETS: '127.0.0.1' },
      });
      const url = `${gateway.url}/orders`;
      const post = async (body: string, headers: Record<string, string> = {}) =>
        (await fetch(url, { method: 'POST', body, headers })).status;

      // http-post, its headers in the message; the producer over SASL_SSL.
      expect(await post('{"feature":"blue","n":1}', { 'x-one': '1' })).toBe(202);
      expect(await post('{"feature":"red","n":2}')).toBe(202);

      // http-get at-least-once with headers and metadata: from the earliest, and on behind what was delivered.
      const page = async () => {
        const response = await fetch(`${url}?limit=2`, { headers: { accept: 'application/json' } });
        return (await response.json()) as {
          items: { headers: Record<string, string[]>; metadata: object; content: string }[];
        };
      };
      const { items } = await page();
      expect(items.map(({ content }) => content)).toEqual([
        '{"feature":"blue","n":1}',
        '{"feature":"red","n":2}',
      ]);
      expect(items[0]).toMatchObject({
        headers: { 'x-one': ['1'] },
        metadata: { topic: 'orders', partition: 0, offset: 0 },
      });

      // sse resumes by Last-Event-ID, with the headers as comments.
      const event = await fetch(url, {
        headers: {
          accept: 'text/event-stream',
          'last-event-id': Buffer.from('orders@0#-1').toString('base64'),
          'x-gravitee-client-identifier': 'sse',
        },
      });
      let stream = '';
      const decoder = new TextDecoder();
      for await (const chunk of event.body ?? []) {
        stream += decoder.decode(chunk as Uint8Array);
        if (stream.includes('"n":2')) break;
      }
      expect(stream).toContain(':x-one: 1');

      // websocket with the header that the flow asks for: it reads another topic, filtered, and its messages get a key.
      const socket = await wsClient(url, { protocol: 'sluice.json.v1', headers: { 'X-Topic': 'orders-eu' } });
      socket.ws.send(
        JSON.stringify({ type: 'publish', id: 'a', headers: { 'x-key': 'k-7' }, content: '{"n":3}' }),
      );
      await socket.arrived(1, 20_000);
      expect(socket.json()[0]).toMatchObject({
        type: 'receipt',
        id: 'a',
        ok: true,
        storedAt: [{ topic: 'orders' }],
      });
      const direct = await testProducer(broker.bootstrapServers);
      await direct.write('orders-eu', [
        { value: Buffer.from('{"feature":"other"}') },
        { value: Buffer.from('{"n":4}') },
      ]);
      await direct.close();
      await socket.arrived(2, 20_000);
      // The client has no metadata: only what has no feature passes the filter.
      expect(
        socket
          .json()
          .slice(1)
          .map(({ content }) => content),
      ).toEqual(['{"n":4}']);

      // The same flow on sse.
      const eu = openEventLog(url, { 'X-Topic': 'orders-eu', 'X-Gravitee-Client-Identifier': 'eu' });
      await eu.until((events) => events.length === 1, 30_000);
      expect(eu.events.map(({ data }) => data)).toEqual(['{"n":4}']);

      // webhook under the push plan; what the callback refuses is in the dead letters.
      const sink = await webhookSink(({ body }) => (body.includes('"red"') ? 400 : 204));
      const created = await fetch(`${gateway.adminUrl}/apis/orders-events/subscriptions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          applicationId: 'app',
          planId: 'push',
          consumerConfiguration: {
            entrypointId: 'webhook',
            channel: '/',
            entrypointConfiguration: {
              callbackUrl: `${sink.url}/hook`,
              headers: [{ name: 'x-sub', value: 's' }],
            },
          },
          metadata: { feature: 'blue' },
        }),
      });
      expect(created.status).toBe(201);
      await until(() => sink.calls.length >= 3, 30_000, 'the calls of the webhook');
      expect(sink.calls.map(({ body }) => JSON.parse(body.toString()).n)).toEqual([1, 2, 3]);
      expect(sink.calls[0]?.headers).toMatchObject({ 'x-sub': 's', 'x-one': '1' });

      const stored = await consoleConsume(broker.bootstrapServers, 'orders', { count: 3 });
      expect(stored.map(({ key, value }) => [key, value])).toEqual([
        [null, '{"feature":"blue","n":1}'],
        [null, '{"feature":"red","n":2}'],
        ['k-7', '{"n":3}'],
      ]);
      const letters = await consoleConsume(broker.bootstrapServers, 'orders.dlq', { count: 1 });
      expect(letters.map(({ value }) => value)).toEqual(['{"feature":"red","n":2}']);
      expect(await gateway.stop()).toBe(0);
    });
  },
  { java: true },
);
