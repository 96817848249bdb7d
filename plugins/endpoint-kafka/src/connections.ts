import { MessagingTelemetry, type PluginHost } from '@sluice/core';
import { Cluster } from './cluster.js';
import type { KafkaConfig, KafkaSharedConfig } from './config.js';
import { MissingTopics } from './group-starts.js';
import { PartitionChoice } from './partition-choice.js';
import { RecordProducer } from './producer.js';
import { QueueShares } from './queue-shares.js';
import { Readers } from './readers.js';
import { ReplayPool } from './replay-pool.js';
import { Security } from './security/security.js';
import { Stalls } from './stalls.js';
import { ClientStatistics } from './telemetry/client-statistics.js';
import { watchConnection } from './telemetry/watch-connection.js';

/** Each has a consumer's threads and reads ahead; more at a time only compete for one event loop. */
const MAX_REPLAYS = 8;

/** The clients of one cluster under one set of options, for every endpoint of the process that has the same. */
export interface Connection {
  readonly cluster: Cluster;
  readonly producer: RecordProducer;
  readonly readers: Readers;
  readonly messaging: MessagingTelemetry;
  readonly statistics: ClientStatistics;
  readonly stalls: Stalls;
  /** Gives it back; the last one stops it, within `timeoutMs` for what is in flight. */
  release(timeoutMs: number): Promise<void>;
}

interface Entry extends Omit<Connection, 'release'> {
  readonly key: string;
  readonly replays: ReplayPool;
  readonly security: Security;
  readonly unwatch: () => void;
  users: number;
  /** How many endpoints of each API have it. */
  readonly apis: Map<string, number>;
}

const entries = new Map<string, Entry>();

/**
 * The connection of an endpoint. Endpoints that differ in nothing but their topics share one: a client costs about
 * five threads, and streams of one topic are served by one reader whatever API they came through.
 */
export function connectionOf(config: KafkaConfig, shared: KafkaSharedConfig, host: PluginHost): Connection {
  const entry = entryOf(config, shared, host);
  entry.users++;
  const { apis } = entry;
  apis.set(host.apiId, (apis.get(host.apiId) ?? 0) + 1);
  let released: Promise<void> | undefined;
  return {
    cluster: entry.cluster,
    producer: entry.producer,
    readers: entry.readers,
    messaging: entry.messaging,
    statistics: entry.statistics,
    stalls: entry.stalls,
    release(timeoutMs) {
      released ??= (async () => {
        const left = (apis.get(host.apiId) ?? 0) - 1;
        if (left > 0) apis.set(host.apiId, left);
        else apis.delete(host.apiId);
        if (--entry.users > 0) return;
        entries.delete(entry.key);
        entry.unwatch();
        await Promise.all([entry.readers.stop(), entry.producer.drained(timeoutMs)]);
        await entry.replays.stop();
        await entry.cluster.stop(timeoutMs);
        entry.security.stop();
      })();
      return released;
    },
  };
}

function entryOf(config: KafkaConfig, shared: KafkaSharedConfig, host: PluginHost): Entry {
  const key = keyOf(config, shared);
  const known = entries.get(key);
  if (known !== undefined) return known;
  const entry = { key, ...open(config, shared, host) };
  entries.set(key, entry);
  return entry;
}

function open(config: KafkaConfig, shared: KafkaSharedConfig, host: PluginHost): Omit<Entry, 'key'> {
  const { log: ofApi, gatewayLog: log = ofApi, telemetry } = host;
  const messaging = new MessagingTelemetry(telemetry, 'kafka');
  const security = new Security(shared.security, config.bootstrapServers, log);
  const cluster = new Cluster(config, shared, security, log);
  const statistics = new ClientStatistics(shared.statisticsIntervalMs);
  cluster.onClient((client) => statistics.follow(client));
  const choice = new PartitionChoice(cluster, shared.producer.partitioner);
  const producer = new RecordProducer(cluster, choice, log, messaging, new QueueShares(shared.producer));
  // Half of the bound at most, so that replays cannot keep new streams out.
  const half = Math.max(1, Math.floor(shared.consumer.maxConsumers / 2));
  const replays = new ReplayPool(Math.min(MAX_REPLAYS, half));
  const missing = new MissingTopics();
  const stalls = new Stalls();
  const parts = { cluster, config, shared, security, log, messaging, statistics, replays, missing, stalls };
  const apis = new Map<string, number>();
  const readers = new Readers(parts, () => apis.size > 1);
  const watched = { cluster: config.bootstrapServers, producer, readers, replays, stalls };
  const unwatch = telemetry?.metrics && watchConnection(telemetry.metrics, watched);
  return {
    cluster,
    security,
    producer,
    readers,
    replays,
    stalls,
    messaging,
    statistics,
    unwatch: unwatch ?? (() => {}),
    users: 0,
    apis,
  };
}

/** By the options, which many endpoints may share; they live no longer than these. */
const sharedKeys = new WeakMap<KafkaSharedConfig, string>();

/** What the clients are made from; the rest of the options is looked at for each call. */
function keyOf(config: KafkaConfig, shared: KafkaSharedConfig): string {
  let key = sharedKeys.get(shared);
  if (key === undefined) {
    key = JSON.stringify(madeFrom(shared));
    sharedKeys.set(shared, key);
  }
  return `${JSON.stringify(config)}${key}`;
}

/** The options but for what is looked at for each call, which JSON leaves out. */
function madeFrom(shared: KafkaSharedConfig): object {
  return {
    ...shared,
    allowedTopics: undefined,
    producer: {
      ...shared.producer,
      enabled: undefined,
      topics: undefined,
      key: undefined,
      keyHeader: undefined,
      headers: undefined,
      buffered: undefined,
    },
    consumer: {
      ...shared.consumer,
      enabled: undefined,
      topics: undefined,
      checkTopicExistence: undefined,
      topicPattern: undefined,
      topicsPattern: undefined,
      'topics.pattern': undefined,
      groupId: undefined,
    },
  };
}
