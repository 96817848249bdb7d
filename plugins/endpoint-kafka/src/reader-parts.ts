import type { Logger } from '@sluice/core';
import type { Cluster } from './cluster.js';
import type { KafkaConfig, KafkaSharedConfig } from './config.js';
import type { ReplaySlots } from './replay-slots.js';

/** What a reader of one endpoint works with. */
export interface ReaderParts {
  readonly cluster: Cluster;
  readonly config: KafkaConfig;
  readonly shared: KafkaSharedConfig;
  readonly log: Logger;
  readonly replays: ReplaySlots;
}
