import Kafka from 'node-rdkafka';
import type { KafkaConfig, KafkaSharedConfig } from './config.js';
import { type ConfigProblem, checkSecurity } from './security/check-security.js';

/** What the schema cannot say of a Kafka configuration: what belongs together, and what this build can do. */
export function checkKafkaConfig(
  { bootstrapServers }: KafkaConfig,
  shared: KafkaSharedConfig,
): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const report = (pointer: string, message: string) =>
    problems.push({ pointer: `/shared${pointer}`, message });
  const { security, producer, consumer } = shared;
  for (const problem of checkSecurity(security, bootstrapServers))
    problems.push({ ...problem, pointer: `/shared${problem.pointer}` });
  if (producer.enabled && producer.topics.length === 0) {
    report('/producer/topics', 'producer.enabled needs at least one topic');
  }
  if ('topicPattern' in consumer) {
    report(
      '/consumer/topicPattern',
      'a pattern of topics is not supported yet; list them in consumer.topics',
    );
  } else if (consumer.enabled && consumer.topics.length === 0) {
    report('/consumer/topics', 'consumer.enabled needs at least one topic');
  }
  const { compressionType } = producer;
  if (compressionType !== 'none' && !Kafka.features.includes(compressionType)) {
    const message = `this build of librdkafka has no ${compressionType}; install libzstd-dev and rebuild node-rdkafka`;
    report('/producer/compressionType', message);
  }
  return problems;
}
