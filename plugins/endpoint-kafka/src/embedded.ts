import type { RunningService, ServicePlugin } from '@sluice/core';
import Kafka from 'node-rdkafka';
import { CONNECT_TIMEOUT_MS } from './client-config.js';
import { addEmbeddedCluster, removeEmbeddedCluster } from './embedded-addresses.js';
import { nativeCall } from './native-calls.js';

/**
 * A Kafka in this process, for trying things out: librdkafka's mock cluster on loopback ports. It makes topics on
 * first use with 4 partitions, keeps at most 5 MB or 100,000 records a partition, forgets everything when it stops,
 * and has no security, transactions log, time look-up or compaction. Offered as `KAFKA_BOOTSTRAP_SERVERS`.
 */
export const embeddedKafka: ServicePlugin = {
  kind: 'service',
  id: 'embedded-kafka',
  async start(): Promise<RunningService> {
    const host = new Kafka.Producer({
      'test.mock.num.brokers': 1,
      log_level: 0,
    } as Kafka.ProducerGlobalConfig);
    const metadata = await nativeCall<Kafka.Metadata>((done) =>
      host.connect({ timeout: CONNECT_TIMEOUT_MS }, done),
    );
    const servers = metadata.brokers.map((broker) => `${broker.host}:${broker.port}`).join(',');
    addEmbeddedCluster(servers);
    return {
      environment: { KAFKA_BOOTSTRAP_SERVERS: servers },
      announce: { embeddedKafka: servers },
      stop: async () => {
        removeEmbeddedCluster(servers);
        await nativeCall((done) => host.disconnect(done));
      },
    };
  },
};
