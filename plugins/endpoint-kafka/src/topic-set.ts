import type { Cluster } from './cluster.js';
import type { TopicPartition } from './partition-table.js';
import { compileTopicPattern } from './topic-pattern.js';

/** Begins an entry of a list of topics that is a pattern: no topic begins with it. */
const PATTERN = '^';

/** The list that stands for a pattern, wherever readers take a list of topics. */
export function patternTopics(pattern: string): readonly string[] {
  return [`${PATTERN}${pattern}`];
}

/** Those of a list that are names. */
export function namesOf(topics: readonly string[]): readonly string[] {
  return topics.filter((topic) => !topic.startsWith(PATTERN));
}

/** Whether a list may come to have further topics. */
export function hasPattern(topics: readonly string[]): boolean {
  return topics.some((topic) => topic.startsWith(PATTERN));
}

/**
 * The partitions there are of these topics now; those of Kafka's own topics (`__…`) match no pattern.
 * @throws SluiceError `ENDPOINT_UNAVAILABLE`
 */
export async function partitionsOf(
  cluster: Pick<Cluster, 'partitions' | 'allPartitions'>,
  topics: readonly string[],
): Promise<readonly TopicPartition[]> {
  const found: TopicPartition[] = [];
  for (const topic of topics) {
    if (topic.startsWith(PATTERN)) {
      const pattern = compileTopicPattern(topic.slice(PATTERN.length));
      const all = await cluster.allPartitions();
      found.push(...all.filter((each) => !each.topic.startsWith('__') && pattern.test(each.topic)));
    } else {
      for (const partition of await cluster.partitions(topic)) found.push({ topic, partition });
    }
  }
  return found;
}
