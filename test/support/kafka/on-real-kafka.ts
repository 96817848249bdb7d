import { describe, inject } from 'vitest';

/** A suite that needs a real Kafka: it runs on the one of this test run, or is skipped with the reason in its name. */
export function onRealKafka(name: string, suite: (bootstrapServers: string) => void): void {
  const kafka = inject('realKafka');
  if ('skipped' in kafka) describe.skip(`${name} (${kafka.skipped})`, () => suite(''));
  else describe(name, () => suite(kafka.bootstrapServers));
}
