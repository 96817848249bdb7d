import { randomBytes } from 'node:crypto';
import Kafka from 'node-rdkafka';
import { onTestFinished } from 'vitest';
import type { TestRecord } from '../../e2e/support/numbered-records.js';

/** A producer that writes in transactions. */
export interface TransactionalProducer {
  begin(): Promise<void>;
  /** Resolves when the broker has them: readers see them after `commit`, or never. */
  write(topic: string, records: readonly TestRecord[]): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

const LIMIT_MS = 20_000;

/** Connects one; it ends with the test. */
export async function transactionalProducer(bootstrapServers: string): Promise<TransactionalProducer> {
  const producer = new Kafka.Producer({
    'metadata.broker.list': bootstrapServers,
    'transactional.id': randomBytes(8).toString('hex'),
    dr_cb: true,
  });
  const call = (work: (done: (error: unknown) => void) => void) =>
    new Promise<void>((resolve, reject) => work((error) => (error ? reject(error) : resolve())));
  await call((done) => producer.connect({ timeout: LIMIT_MS }, done));
  producer.setPollInterval(5);
  producer.on('delivery-report', (error, report) => (report.opaque as (error: unknown) => void)(error));
  await call((done) => producer.initTransactions(LIMIT_MS, done));
  onTestFinished(() => call((done) => producer.disconnect(done)));
  return {
    begin: () => call((done) => producer.beginTransaction(done)),
    write: async (topic, records) => {
      const written = records.map(({ value, partition }) =>
        call((done) => void producer.produce(topic, partition ?? 0, value, null, null, done)),
      );
      await call((done) => producer.flush(LIMIT_MS, done));
      await Promise.all(written);
    },
    commit: () => call((done) => producer.commitTransaction(LIMIT_MS, done)),
    abort: () => call((done) => producer.abortTransaction(LIMIT_MS, done)),
  };
}
