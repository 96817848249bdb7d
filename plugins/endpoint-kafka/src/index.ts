import { defineEndpoint, type Mode, QOS_LEVELS, SluiceError } from '@sluice/core';
import { checkKafkaConfig } from './check-config.js';
import { type KafkaConfig, type KafkaSharedConfig, topicPatternOf } from './config.js';
import { KAFKA_SCHEMA, KAFKA_SHARED_SCHEMA } from './config-schema.js';
import { kafkaConnector } from './connector.js';
import { embeddedKafka } from './embedded.js';
import { KAFKA_METRICS } from './telemetry/metrics-table.js';
import { checkChosen, readsItsOwn } from './topics.js';

/** The `kafka` endpoint. */
const kafka = defineEndpoint<KafkaConfig, KafkaSharedConfig>({
  kind: 'endpoint',
  id: 'kafka',
  // Without those of security: a slip in one of them must not go unseen.
  formatOptions: [
    ...['bootstrapServers', 'producer', 'consumer', 'enabled', 'topics', 'compressionType'],
    ...[
      'encodeMessageId',
      'autoOffsetReset',
      'checkTopicExistence',
      'removeConfluentHeader',
      'topicPattern',
      'topicsPattern',
    ],
  ],
  attributes: [
    ...['topics', 'consumer.topics', 'producer.topics', 'groupId', 'recordKey', 'partition', 'timestamp'],
    'oauthbearer.token',
  ].map((name) => `gravitee.attribute.kafka.${name}`),
  qos: QOS_LEVELS,
  capabilities: ['auto-ack', 'manual-ack', 'recover'],
  schema: KAFKA_SCHEMA,
  sharedSchema: KAFKA_SHARED_SCHEMA,
  metrics: Object.values(KAFKA_METRICS),
  modes: (_config, { producer, consumer }) => {
    const modes: Mode[] = [];
    if (producer.enabled) modes.push('publish');
    if (consumer.enabled) modes.push('subscribe');
    return modes;
  },
  echoes: (_config, shared) => readsItsOwn(shared),
  check: checkKafkaConfig,
  permit(resolved, written) {
    const known = new Set([written.shared.producer.topics, written.shared.consumer.topics].flat());
    const { producer, consumer } = resolved.shared;
    const chosen = [...producer.topics, ...consumer.topics].filter((topic) => !known.has(topic));
    const pattern = topicPatternOf(resolved.shared.consumer);
    if (pattern !== topicPatternOf(written.shared.consumer)) {
      const cause = new Error('a request must not choose a pattern of topics');
      throw new SluiceError('FAILURE_CONFIGURATION_INVALID', { status: 400, cause });
    }
    if (chosen.length > 0) checkChosen(chosen, written.shared.allowedTopics);
  },
  create: kafkaConnector,
});

export default [kafka, embeddedKafka];
