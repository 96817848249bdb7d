import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { consoleConsume } from '../support/kafka/console.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { type SecuredBroker, startSecuredBroker } from '../support/kafka/secured-broker.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { testProducer } from './support/numbered-records.js';
import { openRawStream } from './support/raw-stream.js';
import { unsecuredToken } from './support/token-issuer.js';

/**
 * The samples of the page on the Kafka endpoint of the format's documentation, as they are printed there but for the
 * address of the cluster (and, in `oauthbearer`, two commas that keep it from being JSON).
 */
onRealKafka(
  "the documentation's samples of the endpoint",
  () => {
    let broker: SecuredBroker;
    beforeAll(async () => {
      broker = await startSecuredBroker();
      for (const topic of ['demo', 'default_topic']) await broker.createTopic(topic);
    });
    afterAll(() => broker?.stop());

    const printed = async (name: string, address = broker.bootstrapServers) =>
      JSON.parse(
        (await readFile(`test/fixtures/endpoint-samples/${name}.json`, 'utf8')).replace(
          'kafka:9092',
          address,
        ),
      );
    const api = (id: string, endpoint: object, more: { entrypoints?: object[]; flows?: object[] } = {}) => ({
      id,
      name: id,
      apiVersion: '1',
      definitionVersion: '4.0.0',
      type: 'message',
      flows: more.flows ?? [],
      listeners: [
        {
          type: 'http',
          paths: [{ path: `/${id}` }],
          entrypoints: more.entrypoints ?? [
            { type: 'http-post' },
            { type: 'http-get', configuration: { messagesLimitDurationMs: 1500 } },
          ],
        },
      ],
      endpointGroups: [{ name: 'default-group', type: 'kafka', endpoints: [endpoint] }],
    });
    const items = async (url: string, headers: Record<string, string> = {}) => {
      const answer = await fetch(url, { headers: { accept: 'application/json', ...headers } });
      const body = (await answer.json()) as { items?: { content: string }[] };
      return answer.status === 200 ? body.items?.map(({ content }) => content) : answer.status;
    };

    it('the offset reset by a header of the request', async () => {
      const producer = await testProducer(broker.bootstrapServers);
      await producer.write('default_topic', [{ value: Buffer.from('there already'), partition: 0 }]);
      const apis = [api('dynamic', await printed('dynamic'))];
      const gateway = await startGatewayProcess({ apis, args: ['--strict'] });
      const url = `${gateway.url}/dynamic`;
      expect(await items(url, { autoOffsetReset: 'earliest' })).toEqual(['there already']);
      expect(await items(url, { autoOffsetReset: 'latest', 'x-gravitee-client-identifier': 'two' })).toEqual(
        [],
      );
      expect(await items(url, { autoOffsetReset: 'sometimes' })).toBe(400);
      await producer.close();
      expect(await gateway.stop()).toBe(0);
    });

    it('publishing, reading, and going on behind an offset by Last-Event-ID and cursor', async () => {
      const apis = [
        api('produce', await printed('producer'), { entrypoints: [{ type: 'http-post' }] }),
        api('consume', await printed('consumer'), {
          entrypoints: [{ type: 'http-get', qos: 'at-least-once' }, ...(await printed('entrypoints'))],
        }),
      ];
      const gateway = await startGatewayProcess({ apis, args: ['--strict'] });
      for (const body of ['first', 'second', 'third'])
        expect((await fetch(`${gateway.url}/produce`, { method: 'POST', body })).status).toBe(202);
      const stored = await consoleConsume(broker.bootstrapServers, 'demo', { count: 3 });
      expect(stored.map(({ value }) => value)).toEqual(['first', 'second', 'third']);
      const lastId = Buffer.from('demo@0#0').toString('base64');
      const stream = await openRawStream(`${gateway.url}/consume`, { headers: { 'last-event-id': lastId } });
      await stream.until(() => stream.data.length === 2, 30_000);
      expect(stream.data).toEqual(['second', 'third']);
      stream.close();
      const page = `${gateway.url}/consume?cursor=${encodeURIComponent(lastId)}`;
      expect(await items(page, { 'x-gravitee-client-identifier': 'page' })).toEqual(['second', 'third']);
      expect(await gateway.stop()).toBe(0);
    });

    it('without producer.enabled nothing is published, without consumer.enabled nothing is read', async () => {
      const apis = [api('produce', await printed('producer')), api('consume', await printed('consumer'))];
      const gateway = await startGatewayProcess({ apis });
      const refusal = { status: 503, key: 'NO_ENDPOINT_FOUND' };
      const ask = async (id: string, init: RequestInit) => {
        const headers = { accept: 'application/json' };
        const answer = await fetch(`${gateway.url}/${id}`, { ...init, headers });
        return { status: answer.status, ...((await answer.json().catch(() => ({}))) as { key?: string }) };
      };
      expect(await ask('produce', {})).toMatchObject(refusal);
      expect(await ask('consume', { method: 'POST', body: 'x' })).toMatchObject(refusal);
      expect(await ask('consume', {})).toMatchObject({ status: 200 });
      expect(await gateway.stop()).toBe(0);
    });

    it('OAUTHBEARER with the token of each request, out of an attribute', async () => {
      const attribute = {
        name: 'gravitee.attribute.kafka.oauthbearer.token',
        value: "{#request.headers['x-token'][0]}",
      };
      const assign = { policy: 'policy-assign-attributes', configuration: { attributes: [attribute] } };
      const endpoint = await printed('oauthbearer', broker.addressOf('SASL'));
      const apis = [api('token', endpoint, { flows: [{ request: [assign] }] })];
      const gateway = await startGatewayProcess({ apis, args: ['--strict'] });
      const post = async (token: string, body: string) =>
        (await fetch(`${gateway.url}/token`, { method: 'POST', body, headers: { 'x-token': token } })).status;
      const [carol, dave] = [unsecuredToken('carol', 3600), unsecuredToken('dave', 3600)];
      expect(await post(carol, 'by carol')).toBe(202);
      // Who comes with a bad token is refused; nobody else is.
      expect(await post('no.token.', 'by nobody')).toBe(503);
      expect(await post(dave, 'by dave')).toBe(202);
      const stored = await consoleConsume(broker.bootstrapServers, 'demo', { timeoutMs: 3000 });
      expect(stored.map(({ value }) => value)).toEqual(expect.arrayContaining(['by carol', 'by dave']));
      expect(JSON.stringify(stored)).not.toContain('by nobody');
      expect(JSON.stringify(gateway.log)).not.toContain(carol);
      expect(await gateway.stop()).toBe(0);
    });
  },
  { java: true },
);
