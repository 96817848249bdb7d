import { type AssignedAttribute, PatternSyntaxError } from '@sluice/core';
import Kafka from 'node-rdkafka';
import { readBootstrapServers } from './bootstrap-servers.js';
import { isIdempotent } from './client-config.js';
import { type KafkaConfig, type KafkaSharedConfig, PATTERN_NAMES, topicPatternOf } from './config.js';
import { type ConfigProblem, checkSecurity } from './security/check-security.js';
import { compileTopicPattern } from './topic-pattern.js';

/** What the schema cannot say of a Kafka configuration: what belongs together, and what this build can do. */
export function checkKafkaConfig(
  { bootstrapServers }: KafkaConfig,
  shared: KafkaSharedConfig,
  assigned: readonly AssignedAttribute[] = [],
): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const report = (pointer: string, message: string) =>
    problems.push({ pointer: `/shared${pointer}`, message });
  const { security, producer, consumer } = shared;
  problems.push(...serverProblems(bootstrapServers, security.protocol));
  for (const problem of checkSecurity(security, bootstrapServers))
    problems.push({ ...problem, pointer: `/shared${problem.pointer}` });
  const choosing = assigned.filter(({ name }) => CHOOSES_TOPICS.test(name)).map(({ value }) => value);
  const texts = [...producer.topics, ...consumer.topics, ...choosing];
  if (shared.allowedTopics === undefined && texts.some(isForClients)) {
    const message =
      'topics come out of what a request brings, and no list says which: a client reaches every topic whose name does not begin with "__"; name those it may';
    problems.push({ pointer: '/shared/allowedTopics', message, severity: 'warning' });
  }
  if (producer.enabled && producer.topics.length === 0) {
    report('/producer/topics', 'producer.enabled needs at least one topic');
  }
  const pattern = topicPatternOf(consumer);
  if (pattern !== undefined) {
    const name = PATTERN_NAMES.find((each) => consumer[each] !== undefined) ?? '';
    if (consumer.topics.length > 0)
      report(`/consumer/${name}`, 'give a list of topics or a pattern, not both');
    if (/\{(#|\(|T\()/.test(pattern))
      report('/consumer', 'a pattern of topics cannot have expressions; a list of topics can');
    else reportPattern(pattern, (message) => report(`/consumer/${name}`, message));
  } else if (consumer.enabled && consumer.topics.length === 0) {
    report('/consumer/topics', 'consumer.enabled needs at least one topic');
  }
  if (producer.idempotent === true && producer.acks !== 'all')
    report('/producer/idempotent', 'idempotent needs acks "all"');
  if (isIdempotent(producer) && producer.retries === 0)
    report('/producer/retries', 'an idempotent producer retries; set idempotent to false for none');
  if (producer.lingerMs >= producer.deliveryTimeoutMs)
    report('/producer/lingerMs', 'lingerMs must be less than deliveryTimeoutMs');
  const { compressionType } = producer;
  if (compressionType !== 'none' && !Kafka.features.includes(compressionType)) {
    const debianPackage = compressionType === 'gzip' ? 'zlib1g-dev' : 'libzstd-dev';
    const message = `this build of librdkafka has no ${compressionType}; install ${debianPackage} and rebuild node-rdkafka`;
    report('/producer/compressionType', message);
  }
  if (consumer.heartbeatIntervalMs !== undefined && consumer.heartbeatIntervalMs >= consumer.sessionTimeoutMs)
    report('/consumer/heartbeatIntervalMs', 'heartbeatIntervalMs must be less than sessionTimeoutMs');
  const strategies = consumer.assignmentStrategies;
  if (strategies.length > 1 && strategies.includes('cooperative-sticky')) {
    const message =
      'cooperative-sticky cannot be mixed with the others, which take all partitions away at once';
    report('/consumer/assignmentStrategies', message);
  }
  if (consumer.remoteAssignor !== undefined && consumer.groupProtocol !== 'consumer')
    report('/consumer/remoteAssignor', 'remoteAssignor needs groupProtocol "consumer"');
  if (consumer.rebalanceTimeoutMs !== undefined && consumer.rebalanceTimeoutMs < consumer.sessionTimeoutMs)
    report('/consumer/rebalanceTimeoutMs', 'rebalanceTimeoutMs must not be less than sessionTimeoutMs');
  return problems;
}

/** Attributes by which an exchange or a message comes to other topics. */
const CHOOSES_TOPICS = /^gravitee\.attribute(s\.endpoint)?\.kafka\.((producer|consumer)\.)?topics$/;

/** Whether a text has an expression over what a client sends, as against one over the definition alone. */
function isForClients(text: string): boolean {
  return /\{#?[^{}]*\b(request|message|context)\b/.test(text);
}

function reportPattern(pattern: string, report: (message: string) => void): void {
  try {
    compileTopicPattern(pattern);
  } catch (error) {
    if (!(error instanceof PatternSyntaxError)) throw error;
    report(error.message);
  }
}

function serverProblems(text: string, protocol: string): readonly ConfigProblem[] {
  const pointer = '/configuration/bootstrapServers';
  const { problems, schemes } = readBootstrapServers(text);
  const others = schemes.filter((scheme) => scheme.toUpperCase() !== protocol);
  return [
    ...problems.map((message) => ({ pointer, message })),
    ...others.map((scheme): ConfigProblem => {
      const message = `${scheme}:// is not looked at: security.protocol decides, and is ${protocol}`;
      return { pointer, message, severity: 'warning' };
    }),
  ];
}
