import type { Logger, MessagingTelemetry } from '@sluice/core';
import type { Cluster } from './cluster.js';
import type { KafkaConfig, KafkaSharedConfig } from './config.js';
import type { MissingTopics } from './group-starts.js';
import type { ReplayPool } from './replay-pool.js';
import type { Security } from './security/security.js';
import type { Stalls } from './stalls.js';
import type { ClientStatistics } from './telemetry/client-statistics.js';

/** What a reader of one endpoint works with. */
export interface ReaderParts {
  readonly cluster: Cluster;
  readonly config: KafkaConfig;
  readonly shared: KafkaSharedConfig;
  readonly security: Security;
  readonly log: Logger;
  readonly messaging: MessagingTelemetry;
  readonly statistics: ClientStatistics;
  readonly replays: ReplayPool;
  readonly missing: MissingTopics;
  readonly stalls: Stalls;
}
