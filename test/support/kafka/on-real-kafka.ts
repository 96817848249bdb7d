import { describe, inject } from 'vitest';
import { realKafkaAvailable } from './jars.js';

/**
 * A suite that needs a real Kafka: it runs on the one of this test run, or is skipped with the reason in its name.
 * @param needs.java the suite starts brokers of its own or runs Kafka's tools, so a Kafka elsewhere is not enough
 */
export function onRealKafka(
  name: string,
  suite: (bootstrapServers: string) => void,
  needs: { readonly java?: boolean } = {},
): void {
  const kafka = inject('realKafka');
  const java = needs.java === true ? realKafkaAvailable() : { ok: true as const };
  const inCi = process.env.CI === 'true' || process.env.CI === '1';
  if ('skipped' in kafka) describe.skip(`${name} (${kafka.skipped})`, () => suite(''));
  else if (!java.ok && !inCi) describe.skip(`${name} (${java.reason})`, () => suite(''));
  else describe(name, () => suite(kafka.bootstrapServers));
}
