import { setTimeout as delay } from 'node:timers/promises';
import kafka, {
  type IAdminClient,
  type LibrdKafkaError,
  type Metadata,
  type TopicMetadata,
} from 'node-rdkafka';

const limitMs = 15_000;

/** The shape of a new topic: one partition, and the broker's own configuration, unless told. */
export interface TopicOptions {
  partitions?: number;
  /** How many brokers have each of its records; one unless told. */
  replicas?: number;
  /** Topic properties such as `retention.ms` or `cleanup.policy`. */
  config?: Record<string, string>;
}

/**
 * Creates a topic, and waits until the broker tells a leader for each of its partitions, so
 * that clients may use it at once. Rejects when the topic exists or the broker does not answer within 15
 * seconds.
 */
export async function createTopic(
  bootstrap: string,
  name: string,
  options: TopicOptions = {},
): Promise<void> {
  const partitions = options.partitions ?? 1;
  await administer(bootstrap, (admin, done) =>
    admin.createTopic(
      {
        topic: name,
        num_partitions: partitions,
        replication_factor: options.replicas ?? 1,
        config: options.config ?? {},
      },
      limitMs,
      done,
    ),
  );
  const led = (topic?: TopicMetadata) => topic?.partitions.filter((each) => each.leader >= 0).length ?? 0;
  await awaitTopic(bootstrap, name, (topic) => led(topic) === partitions);
}

/**
 * Deletes a topic and waits until the broker no longer tells of it. Rejects when there is none of that name
 * or the broker does not answer within 15 seconds. A producer that still writes to it makes it anew.
 */
export async function deleteTopic(bootstrap: string, name: string): Promise<void> {
  await administer(bootstrap, (admin, done) => admin.deleteTopic(name, limitMs, done));
  await awaitTopic(bootstrap, name, (topic) => topic === undefined);
}

/** Gives a topic more partitions, `total` in all, and waits until each has a leader. */
export async function addPartitions(bootstrap: string, name: string, total: number): Promise<void> {
  await administer(bootstrap, (admin, done) => admin.createPartitions(name, total, limitMs, done));
  await awaitTopic(
    bootstrap,
    name,
    (topic) => topic?.partitions.filter(({ leader }) => leader >= 0).length === total,
  );
}

/** The id of the broker that leads each partition of a topic, in their order; -1 while there is none. */
export async function leadersOf(bootstrap: string, name: string): Promise<number[]> {
  const leaders: number[] = [];
  await awaitTopic(bootstrap, name, (topic) => {
    for (const { id, leader } of topic?.partitions ?? []) leaders[id] = leader;
    return topic !== undefined;
  });
  return leaders;
}

type Done = (error?: LibrdKafkaError) => void;

async function administer(bootstrap: string, act: (admin: IAdminClient, done: Done) => void): Promise<void> {
  const admin = kafka.AdminClient.create({ 'bootstrap.servers': bootstrap });
  try {
    await new Promise<void>((resolve, reject) => {
      act(admin, (error) => (error ? reject(error) : resolve()));
    });
  } finally {
    admin.disconnect();
  }
}

async function awaitTopic(
  bootstrap: string,
  name: string,
  condition: (topic: TopicMetadata | undefined) => boolean,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  const client = new kafka.Producer({ 'bootstrap.servers': bootstrap });
  // All topics: asking for one by its name would make a topic that was just deleted anew.
  const options = { allTopics: true, timeout: limitMs };
  try {
    let metadata = await answer((done) => client.connect(options, done));
    while (!condition(metadata.topics.find((topic) => topic.name === name))) {
      if (Date.now() > deadline) {
        throw new Error(
          `the broker's metadata did not show the change of topic ${name} within ${limitMs} ms`,
        );
      }
      await delay(5);
      metadata = await answer((done) => client.getMetadata(options, done));
    }
  } finally {
    // A client that failed to connect has disconnected itself, and throws when it is asked to.
    if (client.isConnected()) {
      await new Promise<void>((resolve) => client.disconnect(() => resolve()));
    }
  }
}

function answer(
  ask: (done: (error: LibrdKafkaError | null, metadata: Metadata) => void) => void,
): Promise<Metadata> {
  return new Promise((resolve, reject) => {
    ask((error, metadata) => (error ? reject(error) : resolve(metadata)));
  });
}
