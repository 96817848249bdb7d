import { expect, it } from 'vitest';
import { createTopic } from '../support/kafka/admin.js';
import { consoleConsume } from '../support/kafka/console.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { earliestApi } from './support/earliest-api.js';
import { openEventLog } from './support/event-log.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { uniqueTopic } from './support/numbered-records.js';

onRealKafka(
  'flows on real Kafka',
  (bootstrapServers) => {
    it('give a record its key, refuse a message with 412, and filter a stream', async () => {
      const topic = uniqueTopic('flows');
      await createTopic(bootstrapServers, topic, { partitions: 3 });
      const api = {
        ...earliestApi({ bootstrapServers, topic, post: { requestHeadersToMessage: true } }),
        flows: [
          {
            name: 'in',
            selectors: [{ type: 'channel', operations: ['PUBLISH'] }],
            publish: [
              {
                name: 'Record key',
                policy: 'policy-assign-attributes',
                messageCondition: "{#message.headers['x-key'] != null}",
                configuration: {
                  scope: 'REQUEST',
                  attributes: [
                    { name: 'gravitee.attribute.kafka.recordKey', value: "{#message.headers['x-key'][0]}" },
                  ],
                },
              },
              {
                name: 'No negatives',
                policy: 'policy-interrupt',
                messageCondition: "{#jsonPath(#message.content, '$.amount') lt 0}",
                configuration: { statusCode: 412, errorKey: 'NEGATIVE', message: 'not below zero' },
              },
            ],
          },
          {
            name: 'out',
            selectors: [{ type: 'channel', operations: ['SUBSCRIBE'] }],
            subscribe: [
              { policy: 'message-filtering', configuration: { filter: '{(message.json.amount >= 10)}' } },
            ],
          },
        ],
      };
      const gateway = await startGatewayProcess({ apis: [api], args: ['--strict'] });
      const log = openEventLog(`${gateway.url}/events`);
      await log.until(() => log.connects === 1, 10_000);
      const post = (amount: number, headers: Record<string, string> = {}) =>
        fetch(`${gateway.url}/events`, { method: 'POST', body: JSON.stringify({ amount }), headers });
      expect((await post(5, { 'x-key': 'k-5' })).status).toBe(202);
      expect((await post(-1)).status).toBe(412);
      expect((await post(20, { 'x-key': 'k-20' })).status).toBe(202);
      expect((await post(30)).status).toBe(202);
      await log.until((events) => events.length === 2, 10_000);
      expect(log.events.map(({ data }) => data).toSorted()).toEqual(['{"amount":20}', '{"amount":30}']);
      const stored = await consoleConsume(bootstrapServers, topic, { count: 3 });
      expect(stored.map(({ key, value }) => `${key} ${value}`).toSorted()).toEqual([
        'k-20 {"amount":20}',
        'k-5 {"amount":5}',
        'null {"amount":30}',
      ]);
      expect(await gateway.stop()).toBe(0);
    });
  },
  { java: true },
);
