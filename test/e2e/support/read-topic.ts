import Kafka from 'node-rdkafka';
import { unpackHeaders } from '../../../plugins/endpoint-kafka/src/packed-headers.js';

/** A record with its headers as text, later ones of a name winning. */
export interface ReadRecord {
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Everything a topic of `partitions` partitions holds at the time of the call. */
export async function readTopic(
  bootstrapServers: string,
  topic: string,
  partitions: number,
): Promise<readonly ReadRecord[]> {
  const consumer = new Kafka.KafkaConsumer(
    { 'metadata.broker.list': bootstrapServers, 'group.id': `read-${topic}`, 'enable.auto.commit': false },
    { 'auto.offset.reset': 'earliest' },
  );
  await new Promise<void>((resolve, reject) => {
    consumer.connect({ timeout: 10_000 }, (error) => (error ? reject(error) : resolve()));
  });
  const records: ReadRecord[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const { highOffset } = await new Promise<{ highOffset: number }>((resolve, reject) => {
      consumer.queryWatermarkOffsets(topic, partition, 10_000, (error, marks) =>
        error ? reject(error) : resolve(marks),
      );
    });
    consumer.assign([{ topic, partition, offset: 0 }]);
    for (let next = 0; next < highOffset; ) {
      const batch = await new Promise<Kafka.Message[]>((resolve, reject) => {
        consumer.consume(500, (error, messages) => (error ? reject(error) : resolve(messages)));
      });
      for (const { value, packedHeaders, offset } of batch) {
        next = offset + 1;
        const pairs = unpackHeaders(packedHeaders);
        records.push({
          value: value === null ? null : value.toString(),
          headers: Object.fromEntries(pairs.map(([name, text]) => [name, String(text)])),
        });
      }
    }
  }
  await new Promise<void>((resolve) => consumer.disconnect(() => resolve()));
  return records;
}
