import type { AssignedAttribute } from '@sluice/core';
import { PluginRegistry } from '@sluice/core/gateway';
import { expect, it } from 'vitest';
import plugins from '../src/index.js';
import { checkChosen } from '../src/topics.js';

/** What is told of a shared configuration once its defaults are filled in. */
function told(
  shared: object,
  { withExpressions = false, assigned = [] as readonly AssignedAttribute[] } = {},
): readonly string[] {
  const registry = new PluginRegistry();
  for (const plugin of plugins) registry.register(plugin);
  const kafka = registry.find('endpoint', 'kafka');
  if (typeof kafka === 'string') throw new Error(kafka);
  const configuration = { bootstrapServers: 'kafka:9092' };
  const schema = kafka.validateShared(shared).map(({ path, message }) => `${path.join('.')}: ${message}`);
  // The schema is for what expressions come to.
  if (schema.length > 0 && !withExpressions) return schema;
  return (kafka.check?.(configuration, shared, assigned) ?? []).map(
    ({ pointer, message }) => `${pointer}: ${message}`,
  );
}

it.each([
  [{ producer: { topics: ['a'] }, consumer: { topics: ['b'] } }, false],
  [{ producer: { topics: ['a', 'b'] }, consumer: { topics: ['b'] } }, true],
  [{ producer: { topics: ['a.dlq'] }, consumer: { topicPattern: 'a' } }, false],
  [{ producer: { topics: ['a.dlq'] }, consumer: { topicPattern: 'a.*' } }, true],
  [{ producer: { topics: ['a'] }, consumer: { topicPattern: 'a(?i)' } }, false],
  [{ producer: { topics: ['a'] }, consumer: { topicPattern: '(?i)A' } }, true],
])('%j reads what it publishes: %s', (shared, echoes) => {
  const kafka = plugins.find(({ kind }) => kind === 'endpoint');
  if (kafka?.kind !== 'endpoint') throw new Error('there is no endpoint');
  const filled = { ...shared, consumer: { topics: [], ...shared.consumer } };
  expect(kafka.echoes?.({}, filled)).toBe(echoes);
});

const producer = (members: object) => ({ producer: { enabled: true, topics: ['t'], ...members } });
const consumer = (members: object) => ({ consumer: { enabled: true, ...members } });

const CHOSEN = "{#request.headers['x-to'][0]}";

it.each([
  [producer({ topics: [CHOSEN] }), 1],
  [consumer({ topics: [`a-${CHOSEN}`] }), 1],
  [{ ...producer({ topics: [CHOSEN] }), allowedTopics: ['orders-*'] }, 0],
  [producer({ topics: ["{#api.properties['topic']}"] }), 0],
])('topics that a client chooses need a list of those it may: %j, warnings: %s', (shared, count) => {
  expect(
    told(shared, { withExpressions: true }).filter((text) => text.startsWith('/shared/allowedTopics: ')),
  ).toHaveLength(count);
});

it.each([
  ['gravitee.attribute.kafka.topics', CHOSEN, {}, 1],
  ['gravitee.attribute.kafka.producer.topics', `a,${CHOSEN}`, {}, 1],
  ['gravitee.attributes.endpoint.kafka.consumer.topics', '{(message.content)}', {}, 1],
  ['gravitee.attribute.kafka.topics', CHOSEN, { allowedTopics: ['orders-*'] }, 0],
  ['gravitee.attribute.kafka.topics', 'orders', {}, 0],
  ['gravitee.attribute.kafka.recordKey', CHOSEN, {}, 0],
])(
  'so do those that a policy sets by the attribute %s from %s with %j: warnings: %s',
  (name, value, more, count) => {
    const assigned = [{ name, value }];
    expect(
      told({ ...producer({}), ...more }, { withExpressions: true, assigned }).filter((text) =>
        text.startsWith('/shared/allowedTopics: '),
      ),
    ).toHaveLength(count);
  },
);

it('a request chooses ten topics at most', () => {
  const topics = Array.from({ length: 11 }, (_, index) => `t${index}`);
  expect(() => checkChosen(topics.slice(1), undefined)).not.toThrow();
  expect(() => checkChosen(topics, undefined)).toThrow(expect.objectContaining({ status: 400 }));
});

it.each([
  [producer({ acks: '1' }), []],
  [producer({ acks: '0', retries: 0 }), []],
  [producer({ acks: '1', idempotent: true }), ['/shared/producer/idempotent: idempotent needs acks "all"']],
  [
    producer({ retries: 0 }),
    ['/shared/producer/retries: an idempotent producer retries; set idempotent to false for none'],
  ],
  [
    producer({ lingerMs: 10_000 }),
    ['/shared/producer/lingerMs: lingerMs must be less than deliveryTimeoutMs'],
  ],
  ...['.', '..'].map((name): [object, string[]] => [
    consumer({ topics: [name] }),
    [expect.stringMatching(/^consumer\.topics\.0: /)],
  ]),
  [consumer({ topics: ['...', 'a.b'] }), []],
  [consumer({ topicPattern: 'a.*' }), []],
  [consumer({}), ['/shared/consumer/topics: consumer.enabled needs at least one topic']],
  [
    consumer({ topicPattern: 'a.*', topics: ['b'] }),
    ['/shared/consumer/topicPattern: give a list of topics or a pattern, not both'],
  ],
  [
    consumer({ 'topics.pattern': 'a(?i)' }),
    [
      '/shared/consumer/topics.pattern: a flag inside the pattern is not supported; write it at the beginning, such as (?i)',
    ],
  ],
  [
    consumer({ topicPattern: "{#request.headers['x'][0]}" }),
    ['/shared/consumer: a pattern of topics cannot have expressions; a list of topics can'],
  ],
  [
    consumer({ topics: ['t'], heartbeatIntervalMs: 10_000 }),
    ['/shared/consumer/heartbeatIntervalMs: heartbeatIntervalMs must be less than sessionTimeoutMs'],
  ],
  [
    consumer({ topics: ['t'], rebalanceTimeoutMs: 5000 }),
    ['/shared/consumer/rebalanceTimeoutMs: rebalanceTimeoutMs must not be less than sessionTimeoutMs'],
  ],
])('%j', (shared, problems) => {
  expect(told(shared)).toEqual(problems);
});
