import { type ExecutionContext, listOf, type Message, SluiceError } from '@sluice/core';
import { type KafkaSharedConfig, topicPatternOf } from './config.js';
import { patternTopics } from './topic-set.js';

const TOPIC = /^[A-Za-z0-9._-]{1,249}$/;
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
}

type Side = 'producer' | 'consumer';

/**
 * Judges topics that a request had a say in: they must be on the list of those allowed, or, without such a list, be
 * none of Kafka's own (`__consumer_offsets` and the like).
 * @throws SluiceError `TOPIC_NOT_ALLOWED`; `FAILURE_CONFIGURATION_INVALID` for what is no name of a topic
 */
export function checkChosen(topics: readonly string[], allowed: readonly string[] | undefined): void {
  const wrong = topics.length === 0 ? 'an empty list of topics' : topics.find((topic) => !TOPIC.test(topic));
  if (wrong !== undefined) {
    const cause = new Error(`not the name of a topic: ${JSON.stringify(wrong.slice(0, 100))}`);
    throw new SluiceError('FAILURE_CONFIGURATION_INVALID', { cause });
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
