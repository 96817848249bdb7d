import { afterAll, beforeAll } from 'vitest';
import { type KafkaBroker, startKafka } from '../../support/kafka/broker.js';

/** A broker that makes groups wait as brokers do by default: other suites are spared that. */
export function defaultBroker(): {
  readonly bootstrapServers: () => string;
  readonly broker: () => KafkaBroker;
} {
  let broker: KafkaBroker | undefined;
  beforeAll(async () => {
    broker = await startKafka({
      properties: { 'group.initial.rebalance.delay.ms': '3000', 'auto.create.topics.enable': 'false' },
    });
  });
  afterAll(async () => void (await broker?.stop()));
  const running = () => {
    if (broker === undefined) throw new Error('the broker has not been started yet');
    return broker;
  };
  return { broker: running, bootstrapServers: () => running().bootstrapServers };
}
