import { expect, it } from 'vitest';
import { createTopic } from '../support/kafka/admin.js';
import { consoleConsume } from '../support/kafka/console.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { openEventLog } from './support/event-log.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { uniqueTopic } from './support/numbered-records.js';

const attribute = (name: string, value: string) => ({ name, value });
const assign = (...attributes: object[]) => ({
  policy: 'policy-assign-attributes',
  configuration: { scope: 'REQUEST', attributes },
});

const member = async (answer: Response, name: string) =>
  ((await answer.json()) as Readonly<Record<string, unknown>>)[name];

/** One path whose topics and start come from the request. */
function dynamicApi(bootstrapServers: string, topic: string, flows: readonly object[], shared: object = {}) {
  return {
    id: 'dynamic',
    name: 'dynamic',
    type: 'message',
    definitionVersion: '4.0.0',
    listeners: [
      {
        type: 'http',
        paths: [{ path: '/dynamic' }],
        entrypoints: [{ type: 'http-post' }, { type: 'sse', qos: 'none' }],
      },
    ],
    endpointGroups: [
      {
        name: 'kafka',
        type: 'kafka',
        sharedConfiguration: {
          producer: { enabled: true, topics: [topic] },
          consumer: { enabled: true, topics: [topic], autoOffsetReset: 'latest' },
          ...shared,
        },
        endpoints: [
          { name: 'kafka', type: 'kafka', inheritConfiguration: true, configuration: { bootstrapServers } },
        ],
      },
    ],
    flows,
  };
}

onRealKafka(
  'a configuration that comes from the request, on real Kafka',
  (bootstrapServers) => {
    const topics = async (...names: string[]) => {
      const made = names.map((name) => uniqueTopic(name));
      for (const topic of made) await createTopic(bootstrapServers, topic, { partitions: 1 });
      return made as [string, string, string];
    };
    const posting =
      (url: string) =>
      (body: string, headers: Record<string, string> = {}) =>
        fetch(`${url}/dynamic`, { method: 'POST', body, headers: { accept: '*/*', ...headers } });
    const stored = async (topic: string, count: number) =>
      (await consoleConsume(bootstrapServers, topic, { count })).map(({ value }) => value);

    it('topics, for a request and for a message; never topics that are not allowed', async () => {
      const [main, other, third] = await topics('main', 'other', 'third');
      const flows = [
        {
          request: [
            assign(
              attribute(
                'gravitee.attributes.endpoint.kafka.producer.topics',
                "{#request.headers['x-topic'][0].split(', ')}",
              ),
              attribute('gravitee.attribute.kafka.consumer.topics', "{#request.headers['x-topic'][0]}"),
            ),
          ],
          publish: [
            {
              ...assign(attribute('gravitee.attribute.kafka.topics', third)),
              messageCondition: "{#message.content == 'to the third'}",
            },
          ],
        },
      ];
      const api = dynamicApi(bootstrapServers, main, flows, { allowedTopics: [other, third] });
      const gateway = await startGatewayProcess({ apis: [api], args: ['--strict'] });
      const post = posting(gateway.url);
      const streamed = openEventLog(`${gateway.url}/dynamic`, { 'x-topic': other });
      await streamed.until(() => streamed.connects === 1, 20_000);
      expect((await post('to the main')).status).toBe(202);
      expect((await post('to the other', { 'x-topic': other })).status).toBe(202);
      expect((await post('to the third')).status).toBe(202);
      const both = await post('to both', { 'x-topic': `${other}, ${third}` });
      expect(both.status).toBe(202);
      for (const denied of ['__consumer_offsets', 'not-allowed']) {
        const answer = await post('x', { 'x-topic': denied });
        expect([answer.status, await member(answer, 'key')]).toEqual([403, 'TOPIC_NOT_ALLOWED']);
      }
      // The consumer's attribute is one text: what a client joins by a comma is no name of a topic.
      const joined = await fetch(`${gateway.url}/dynamic`, {
        headers: { accept: 'text/event-stream, */*', 'x-topic': `${other}, ${third}` },
      });
      expect([joined.status, await member(joined, 'message')]).toEqual([400, 'Invalid configuration']);
      const invalid = await post('x', { 'x-topic': 'no topic!' });
      expect([invalid.status, await member(invalid, 'message')]).toEqual([400, 'Invalid configuration']);
      expect(await stored(main, 1)).toEqual(['to the main']);
      expect(await stored(other, 2)).toEqual(['to the other', 'to both']);
      expect(await stored(third, 2)).toEqual(['to the third', 'to both']);
      await streamed.until((events) => events.length === 2, 20_000);
      expect(streamed.events.map(({ data }) => data)).toEqual(['to the other', 'to both']);
      expect(await gateway.stop()).toBe(0);
    });

    it('autoOffsetReset by an expression: each client starts where it says', async () => {
      const [topic] = await topics('reset');
      const shared = {
        consumer: { enabled: true, topics: [topic], autoOffsetReset: "{#request.headers['x-from'][0]}" },
      };
      const gateway = await startGatewayProcess({
        apis: [dynamicApi(bootstrapServers, topic, [], shared)],
        args: ['--strict'],
      });
      const post = posting(gateway.url);
      expect((await post('old', { 'x-from': 'latest' })).status).toBe(202);
      const from = (start: string) => openEventLog(`${gateway.url}/dynamic`, { 'x-from': start });
      const earliest = from('earliest');
      const latest = from('latest');
      await earliest.until((events) => events.length === 1, 20_000);
      await latest.until(() => latest.connects === 1, 20_000);
      expect((await post('new', { 'x-from': 'latest' })).status).toBe(202);
      await earliest.until((events) => events.length === 2, 20_000);
      await latest.until((events) => events.length === 1, 20_000);
      expect(earliest.events.map(({ data }) => data)).toEqual(['old', 'new']);
      expect(latest.events.map(({ data }) => data)).toEqual(['new']);
      const none = await fetch(`${gateway.url}/dynamic`, {
        headers: { accept: 'text/event-stream, */*', 'x-from': 'yesterday' },
      });
      expect([none.status, await member(none, 'message')]).toEqual([400, 'Invalid configuration']);
      expect(await gateway.stop()).toBe(0);
    });
  },
  { java: true },
);
