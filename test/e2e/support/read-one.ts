import Kafka from 'node-rdkafka';
import { unpackHeaders } from '../../../plugins/endpoint-kafka/src/packed-headers.js';

/** A record as another client sees it. */
export interface SeenRecord {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** In order; values as UTF-8. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Reads the first record of a partition with a client outside the gateway. */
export async function readOne(
  bootstrapServers: string,
  topic: string,
  partition: number,
): Promise<SeenRecord> {
  const consumer = new Kafka.KafkaConsumer(
    { 'metadata.broker.list': bootstrapServers, 'group.id': 'read-one', 'enable.auto.commit': false },
    { 'auto.offset.reset': 'earliest' },
  );
  await new Promise<void>((resolve, reject) => {
    consumer.connect({ timeout: 10_000 }, (error) => (error ? reject(error) : resolve()));
  });
  try {
    consumer.assign([{ topic, partition, offset: 0 }]);
    consumer.setDefaultConsumeTimeout(15_000);
    const [record] = await new Promise<Kafka.Message[]>((resolve, reject) => {
      consumer.consume(1, (error, records) => (error ? reject(error) : resolve(records)));
    });
    const headers = unpackHeaders(record?.packedHeaders).map(
      ([name, value]) => [name, String(value)] as const,
    );
    return { timestamp: record?.timestamp ?? -1, headers };
  } finally {
    await new Promise<void>((resolve) => consumer.disconnect(() => resolve()));
  }
}
