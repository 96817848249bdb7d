import type { EndpointConnector } from '@sluice/core';
import { QOS_LEVELS } from '@sluice/core';
import { compileSchema } from '@sluice/core/gateway';
import { type EndpointHarness, recordingLogger } from '@sluice/core/testing';
import { numbered, testProducer, uniqueTopic } from '../../../test/e2e/support/numbered-records.js';
import { createTopic } from '../../../test/support/kafka/admin.js';
import type { KafkaSharedConfig } from '../src/config.js';
import { KAFKA_SHARED_SCHEMA } from '../src/config-schema.js';
import { kafkaConnector } from '../src/connector.js';

const PARTITIONS = 3;
const validateShared = compileSchema(KAFKA_SHARED_SCHEMA);

/** A shared configuration with its defaults, reading and publishing one topic from its earliest record. */
export function sharedConfig(topic: string, consumer: object = {}, producer: object = {}): KafkaSharedConfig {
  const config = {
    producer: { enabled: true, topics: [topic], ...producer },
    consumer: {
      enabled: true,
      topics: [topic],
      autoOffsetReset: 'earliest',
      commitIntervalMs: 50,
      sessionTimeoutMs: 6000,
      ...consumer,
    },
  };
  const problems = validateShared(config);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return config as unknown as KafkaSharedConfig;
}

/** A connector as a deployed API would have it. */
export function openConnector(bootstrapServers: string, shared: KafkaSharedConfig): EndpointConnector {
  return kafkaConnector({ bootstrapServers }, shared, { apiId: 'test', log: recordingLogger() });
}

/**
 * The Kafka endpoint for the conformance suite.
 * @param makeTopics false where topics appear on first use, with the number of partitions the cluster chooses
 */
export function kafkaHarness(bootstrapServers: () => string, makeTopics: boolean): EndpointHarness {
  return {
    async open({ messages }) {
      const topic = uniqueTopic('conformance');
      if (makeTopics) await createTopic(bootstrapServers(), topic, { partitions: PARTITIONS });
      const producer = await testProducer(bootstrapServers());
      let written = 0;
      const write = async (count: number) => {
        await producer.write(topic, numbered(written, written + count, PARTITIONS));
        written += count;
      };
      if (messages > 0) await write(messages);
      const endpoint = openConnector(bootstrapServers(), sharedConfig(topic));
      return {
        endpoint,
        publishMore: write,
        stop: async () => {
          await endpoint.stop(1000);
          await producer.close();
        },
      };
    },
    numberOf: ({ content }) => Number(content),
    qos: QOS_LEVELS,
    groups: ['balanced', 'at-best', 'at-most-once', 'at-least-once'],
    roundTrip: true,
    patienceMs: 20_000,
    quietMs: 300,
    malformedCursors: [
      'topic',
      'b3JkZXJz',
      Buffer.from('other@0#1').toString('base64'),
      Buffer.from('x@0').toString('base64'),
      Buffer.from('@0#1').toString('base64'),
    ],
  };
}
