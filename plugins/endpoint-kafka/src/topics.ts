import { type ExecutionContext, listOf, type Message, SluiceError } from '@sluice/core';
import { type KafkaSharedConfig, topicPatternOf } from './config.js';
import { isTopicName } from './topic-name.js';
import { compileTopicPattern } from './topic-pattern.js';
import { patternTopics } from './topic-set.js';

const NAMES = {
  producer: ['gravitee.attribute.kafka.producer.topics', 'gravitee.attribute.kafka.topics'],
  consumer: ['gravitee.attribute.kafka.consumer.topics', 'gravitee.attribute.kafka.topics'],
} as const;

/** Which topics an exchange, or one of its messages, reads or publishes to. */
export class Topics {
  readonly #written: Readonly<Record<Side, readonly string[]>>;

  constructor(private readonly shared: KafkaSharedConfig) {
    const pattern = topicPatternOf(shared.consumer);
    this.#written = {
      producer: shared.producer.topics,
      consumer: pattern === undefined ? shared.consumer.topics : patternTopics(pattern),
    };
  }

  /** @throws SluiceError `TOPIC_NOT_ALLOWED`, `FAILURE_CONFIGURATION_INVALID` */
  of(side: Side, ctx: ExecutionContext, message?: Message): readonly string[] {
    const { attributes } = ctx;
    // Most exchanges have no attributes: nothing is looked up for them.
    if (attributes.size === 0 && message?.attributes === undefined) return this.#written[side];
    for (const name of NAMES[side]) {
      const value = message?.attributes?.[name] ?? attributes.get(name);
      if (value === undefined || value === null || value === '') continue;
      const topics = listOf(value).map(String);
      checkChosen(topics, this.shared.allowedTopics);
      return topics;
    }
    return this.#written[side];
  }

  /** Whether topics that {@link of} gave are the written ones: neither an exchange nor a message chose them. */
  isWritten(side: Side, topics: readonly string[]): boolean {
    return topics === this.#written[side];
  }
}

type Side = 'producer' | 'consumer';

/** Whether a topic that is published to is also read. A pattern that cannot be used matches nothing. */
export function readsItsOwn({ producer, consumer }: KafkaSharedConfig): boolean {
  const text = topicPatternOf(consumer);
  if (text === undefined) return producer.topics.some((topic) => consumer.topics.includes(topic));
  try {
    const pattern = compileTopicPattern(text);
    return producer.topics.some((topic) => pattern.test(topic));
  } catch {
    return false;
  }
}

/** Each topic of a publish is a record more, and each one read a subscription of the cluster's. */
const MAX_CHOSEN = 10;

/**
 * Judges topics that a request had a say in: they must be on the list of those allowed, or, without such a list, be
 * none of Kafka's own (`__consumer_offsets` and the like).
 * @throws SluiceError `TOPIC_NOT_ALLOWED`; `FAILURE_CONFIGURATION_INVALID` for what is no name of a topic, and
 * for more topics than a request may choose
 */
export function checkChosen(topics: readonly string[], allowed: readonly string[] | undefined): void {
  if (topics.length > MAX_CHOSEN) {
    const cause = new Error(`${topics.length} topics, where a request may choose ${MAX_CHOSEN}`);
    throw new SluiceError('FAILURE_CONFIGURATION_INVALID', { status: 400, cause });
  }
  const wrong = topics.length === 0 ? 'an empty list of topics' : topics.find((topic) => !isTopicName(topic));
  if (wrong !== undefined) {
    const cause = new Error(`not the name of a topic: ${JSON.stringify(wrong.slice(0, 100))}`);
    throw new SluiceError('FAILURE_CONFIGURATION_INVALID', { status: 400, cause });
  }
  const refused = topics.find((topic) => !isAllowed(topic, allowed));
  if (refused === undefined) return;
  const cause = new Error(
    `the topic "${refused}" is not one that allowedTopics has, or is one of Kafka's own`,
  );
  throw new SluiceError('TOPIC_NOT_ALLOWED', { cause });
}

function isAllowed(topic: string, allowed: readonly string[] | undefined): boolean {
  if (allowed === undefined) return !topic.startsWith('__');
  return allowed.some((entry) =>
    entry.endsWith('*') ? topic.startsWith(entry.slice(0, -1)) && !topic.startsWith('__') : topic === entry,
  );
}
