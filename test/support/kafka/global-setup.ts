// The compiler finds the module to augment only when the file imports it.
import type {} from 'vitest';
import type { TestProject } from 'vitest/node';
import { startKafka } from './broker.js';
import { ensureKafkaJars, realKafkaAvailable } from './jars.js';

/** The real Kafka of a test run: where it is, or why the tests that need one are skipped. */
export type RealKafka = { bootstrapServers: string } | { skipped: string };

declare module 'vitest' {
  export interface ProvidedContext {
    /** Read with `inject('realKafka')`. */
    realKafka: RealKafka;
  }
}

/**
 * Gives the whole run one Kafka: that of `KAFKA_BOOTSTRAP_SERVERS` when it is set, else a broker started here
 * and stopped at the end, else none, with the reason. Where `CI` is set to true or 1, none is an error. A
 * broker that is installed and does not start is an error everywhere.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.KAFKA_BOOTSTRAP_SERVERS;
  if (given) {
    project.provide('realKafka', { bootstrapServers: given });
    return async () => {};
  }
  const missing = await whatIsMissing();
  if (missing === null) {
    const broker = await startKafka();
    project.provide('realKafka', { bootstrapServers: broker.bootstrapServers });
    return () => broker.stop();
  }
  if (process.env.CI === 'true' || process.env.CI === '1') {
    throw new Error(`CI must test against a real Kafka, and there is none: ${missing}`);
  }
  project.provide('realKafka', { skipped: missing });
  return async () => {};
}

async function whatIsMissing(): Promise<string | null> {
  const available = realKafkaAvailable();
  if (!available.ok) {
    return available.reason;
  }
  try {
    await ensureKafkaJars();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
