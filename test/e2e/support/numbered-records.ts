import { randomBytes } from 'node:crypto';
import Kafka from 'node-rdkafka';

/** A topic name that no other test uses. */
export function uniqueTopic(name: string): string {
  return `${name}-${randomBytes(6).toString('hex')}`;
}

/** A record to write. */
export interface TestRecord {
  readonly value: Buffer | null;
  readonly key?: Buffer;
  readonly partition?: number;
  readonly headers?: readonly Record<string, Buffer | null>[];
}

/** A producer outside the gateway. */
export interface TestProducer {
  /** Resolves when all are acknowledged. */
  write(topic: string, records: readonly TestRecord[]): Promise<void>;
  close(): Promise<void>;
}

/** Connects a producer of its own to a cluster. */
export async function testProducer(bootstrapServers: string): Promise<TestProducer> {
  const producer = new Kafka.Producer({
    'metadata.broker.list': bootstrapServers,
    dr_cb: true,
    'enable.idempotence': true,
    'queue.buffering.max.messages': 1_000_000,
  });
  await new Promise<void>((resolve, reject) => {
    producer.connect({ timeout: 10_000 }, (error) => (error ? reject(error) : resolve()));
  });
  producer.setPollInterval(5);
  producer.on('delivery-report', (error, report) => (report.opaque as (error: unknown) => void)(error));
  return {
    write: (topic, records) =>
      new Promise((resolve, reject) => {
        let missing = records.length;
        const done = (error: unknown) => {
          if (error) reject(error);
          else if (--missing === 0) resolve();
        };
        for (const { value, key, partition, headers } of records) {
          const headerList = headers as Kafka.MessageHeader[] | undefined;
          producer.produce(topic, partition ?? null, value, key ?? null, null, done, headerList);
        }
      }),
    close: () => new Promise((resolve) => producer.disconnect(() => resolve())),
  };
}

/** Records numbered `from` to below `to`, spread over partitions in turn; the value is the number. */
export function numbered(from: number, to: number, partitions: number): readonly TestRecord[] {
  return Array.from({ length: to - from }, (_, index) => ({
    value: Buffer.from(String(from + index)),
    partition: (from + index) % partitions,
  }));
}
