import { randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTopic, leadersOf, type TopicOptions } from './admin.js';
import { formatStorage } from './broker.js';
import { controlBroker, type KafkaBroker } from './broker-control.js';
import { type BrokerHome, launchBroker } from './broker-process.js';
import { ensureKafkaJars } from './jars.js';
import { freePorts } from './ports.js';
import { type Relay, type RelayWatch, startRelay } from './relay.js';
import { propertiesFile, serverProperties } from './server-properties.js';

const SIZE = 3;

/** A broker of a cluster, and the network between it and the clients that came in through the relays. */
export interface ClusterBroker extends KafkaBroker {
  readonly id: number;
  readonly relay: Relay;
}

/** Three real Kafka brokers, each a controller too; every topic has a replica on each, and two must have a record. */
export interface KafkaCluster {
  /** For tools: the brokers themselves. */
  readonly bootstrapServers: string;
  /** For the gateway: the brokers through their relays, which is also what they tell its clients of themselves. */
  readonly relayed: string;
  readonly brokers: readonly ClusterBroker[];
  /** The broker that leads a partition now. */
  leaderOf(topic: string, partition: number): Promise<ClusterBroker>;
  createTopic(name: string, options?: TopicOptions): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a cluster on free ports; resolves when all of it serves. `watch` sees what passes the relays. */
export async function startCluster(watch?: () => RelayWatch): Promise<KafkaCluster> {
  const jars = await ensureKafkaJars();
  const ports = await freePorts(SIZE * 4);
  const clusterId = randomBytes(16).toString('base64url');
  const voters = Array.from({ length: SIZE }, (_, at) => `${at + 1}@127.0.0.1:${ports[at * 4 + 1]}`);
  const started = await Promise.allSettled(
    Array.from({ length: SIZE }, async (_, at): Promise<ClusterBroker> => {
      const [clientPort = 0, controllerPort = 0, gatewayPort = 0, relayPort = 0] = ports.slice(at * 4);
      const folder = await mkdtemp(join(tmpdir(), 'sluice-kafka-'));
      const home: BrokerHome = {
        jars,
        folder,
        heapMb: 384,
        logFile: join(folder, 'broker.log'),
        propertiesFile: join(folder, 'server.properties'),
      };
      const own = serverProperties({ clientPort, controllerPort, dataFolder: join(folder, 'data') });
      const all = {
        ...own,
        'node.id': `${at + 1}`,
        'controller.quorum.voters': voters.join(','),
        listeners: `${own.listeners},GATEWAY://127.0.0.1:${gatewayPort}`,
        'advertised.listeners': `CLIENT://127.0.0.1:${clientPort},GATEWAY://127.0.0.1:${relayPort}`,
        'listener.security.protocol.map': `${own['listener.security.protocol.map']},GATEWAY:PLAINTEXT`,
        'offsets.topic.replication.factor': `${SIZE}`,
        'transaction.state.log.replication.factor': `${SIZE}`,
        'transaction.state.log.min.isr': '2',
        'default.replication.factor': `${SIZE}`,
        'min.insync.replicas': '2',
      };
      await writeFile(home.propertiesFile, propertiesFile(all));
      await formatStorage(home, [], clusterId);
      const relay = await startRelay(gatewayPort, relayPort, watch);
      const process = await launchBroker(home).catch((error: unknown) => {
        relay.close();
        throw error;
      });
      const broker = controlBroker(home, `127.0.0.1:${clientPort}`, process);
      return Object.assign(Object.create(broker) as KafkaBroker, { id: at + 1, relay });
    }),
  );
  const brokers = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const stop = async () => {
    await Promise.all(brokers.map((broker) => broker.kill()));
    await Promise.all(brokers.map((broker) => broker.stop()));
    for (const { relay } of brokers) relay.close();
  };
  const failed = started.find((each) => each.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  const bootstrapServers = brokers.map((broker) => broker.bootstrapServers).join(',');
  return {
    bootstrapServers,
    relayed: brokers.map(({ relay }) => `127.0.0.1:${relay.port}`).join(','),
    brokers,
    async leaderOf(topic, partition) {
      const id = (await leadersOf(bootstrapServers, topic))[partition];
      const leader = brokers.find((broker) => broker.id === id);
      if (leader === undefined) throw new Error(`${topic}@${partition} has no leader now`);
      return leader;
    },
    createTopic: (name, options = {}) => createTopic(bootstrapServers, name, { replicas: SIZE, ...options }),
    stop,
  };
}
