import type { Logger, MessagingTelemetry } from '@sluice/core';
import type { Cluster } from './cluster.js';
import type { KafkaConfig, KafkaSharedConfig } from './config.js';
import type { ReplaySlots } from './replay-slots.js';
import type { Security } from './security/security.js';
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
  readonly replays: ReplaySlots;
}
