import type { RunningService } from '@sluice/core';
import { endpointConformance, recordingLogger } from '@sluice/core/testing';
import { afterAll, beforeAll, describe } from 'vitest';
import { runConformance } from '../../../test/support/conformance.js';
import { onRealKafka } from '../../../test/support/kafka/on-real-kafka.js';
import { embeddedKafka } from '../src/embedded.js';
import { kafkaHarness } from './kafka-harness.js';

describe('the Kafka endpoint on the embedded cluster', () => {
  let cluster: RunningService;
  beforeAll(async () => {
    cluster = await embeddedKafka.start({ log: recordingLogger() });
  });
  afterAll(() => cluster.stop());
  const servers = () => String(cluster.environment.KAFKA_BOOTSTRAP_SERVERS);
  runConformance(endpointConformance(kafkaHarness(servers, false)), { concurrent: true });
});

onRealKafka('the Kafka endpoint on real Kafka', (bootstrapServers) => {
  runConformance(endpointConformance(kafkaHarness(() => bootstrapServers, true)), { concurrent: true });
});
