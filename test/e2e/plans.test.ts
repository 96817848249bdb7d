import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { createTopic } from '../support/kafka/admin.js';
import { consoleConsume } from '../support/kafka/console.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { sha256 } from '../support/plans.js';
import { earliestApi } from './support/earliest-api.js';
import { openEventLog } from './support/event-log.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { uniqueTopic } from './support/numbered-records.js';

const SECRET = 'a secret of at least thirty-two bytes';

/** A token signed by hand, so that what the gateway takes is not what made it. */
function token(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
}

onRealKafka(
  'plans on real Kafka',
  (bootstrapServers) => {
    it('API keys and tokens, metadata in a filter, a shared policy group, best-match: each has its effect', async () => {
      const topic = uniqueTopic('plans');
      await createTopic(bootstrapServers, topic, { partitions: 1 });
      const header = (name: string, value: string) => ({
        policy: 'transform-headers',
        configuration: { addHeaders: [{ name, value }] },
      });
      const channel = (path: string) => [{ type: 'channel', channel: path, channelOperator: 'STARTS_WITH' }];
      const api = {
        ...earliestApi({ bootstrapServers, topic, qos: 'none', get: { headersInPayload: true } }),
        flowExecution: { mode: 'best-match' },
        plans: [
          { id: 'gold', security: { type: 'api-key' }, flows: [{ publish: [header('x-plan', 'gold')] }] },
          {
            id: 'app',
            security: {
              type: 'jwt',
              configuration: {
                signature: 'HMAC_HS256',
                resolverParameter: SECRET,
                issuer: 'me',
                extractClaims: true,
              },
            },
            operations: ['publish'],
            flows: [{ publish: [header('x-plan', "{#context.attributes['plan']}")] }],
          },
        ],
        flows: [
          { selectors: channel('/'), publish: [header('x-flow', 'any')] },
          {
            selectors: channel('/books/:id'),
            publish: [
              header('x-flow', "{#request.pathParams['id']}"),
              { policy: 'shared-policy-group-policy', configuration: { sharedPolicyGroupId: 'keyed' } },
            ],
          },
          {
            selectors: [{ type: 'channel', channel: '/mine', operations: ['SUBSCRIBE'] }],
            subscribe: [
              {
                policy: 'message-filtering',
                configuration: {
                  filter: "{#jsonPath(#message.content, '$.feature') == #subscription.metadata.feature}",
                },
              },
            ],
          },
        ],
      };
      const gateway = await startGatewayProcess({
        apis: [api],
        args: ['--strict'],
        files: {
          'shop.api-keys.json': {
            api: 'events',
            plan: 'gold',
            keys: [{ id: 'shop', sha256: sha256('k-shop'), metadata: { feature: 'blue' } }],
          },
          'keyed.policy-group.json': {
            id: 'keyed',
            phase: 'PUBLISH',
            steps: [
              {
                policy: 'policy-assign-attributes',
                configuration: {
                  attributes: [
                    {
                      name: 'gravitee.attribute.kafka.recordKey',
                      value: "{#jsonPath(#message.content, '$.feature')}",
                    },
                  ],
                },
              },
            ],
          },
        },
      });
      const url = `${gateway.url}/events`;
      const post = async (path: string, feature: string, headers: Record<string, string>) =>
        (await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify({ feature }), headers })).status;
      const key = { 'x-gravitee-api-key': 'k-shop' };
      const bearer = {
        authorization: `Bearer ${token({ sub: 'ada', iss: 'me', exp: Math.floor(Date.now() / 1000) + 60 })}`,
      };
      const expired = { authorization: `Bearer ${token({ sub: 'ada', iss: 'me', exp: 1 })}` };
      expect(await post('/books/7', 'red', key)).toBe(202);
      expect(await post('/other', 'blue', bearer)).toBe(202);
      expect(await post('/books/8', 'green', expired)).toBe(401);
      expect(await post('/books/8', 'green', {})).toBe(401);
      expect(await post('/books/9', 'blue', key)).toBe(202);

      const stored = await consoleConsume(bootstrapServers, topic, { count: 3 });
      expect(stored.map((record) => [record.key, record.value])).toEqual([
        ['red', '{"feature":"red"}'],
        [null, '{"feature":"blue"}'],
        ['blue', '{"feature":"blue"}'],
      ]);
      const page = await fetch(`${url}/all?limit=3`, { headers: { ...key, accept: 'application/json' } });
      const { items } = (await page.json()) as { items: readonly { headers: Record<string, string[]> }[] };
      expect(items.map(({ headers }) => [headers['x-plan'], headers['x-flow']])).toEqual([
        [['gold'], ['7']],
        [['app'], ['any']],
        [['gold'], ['9']],
      ]);

      const reading = await fetch(`${url}/mine`, {
        headers: { accept: 'text/event-stream, */*', ...bearer },
      });
      expect(reading.status).toBe(403);
      const mine = openEventLog(`${url}/mine`, key);
      await mine.until((events) => events.length === 2, 30_000);
      expect(mine.events.map(({ data }) => data)).toEqual(['{"feature":"blue"}', '{"feature":"blue"}']);
      expect(await gateway.stop()).toBe(0);
    });
  },
  { java: true },
);
