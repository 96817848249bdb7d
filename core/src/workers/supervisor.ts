import { rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import type { GatewayConfig } from '../config/gateway-config.js';
import type { Logger } from '../contract/logger.js';
import type { RunningService } from '../contract/plugin.js';
import { Lifecycle, type Part } from '../runtime/lifecycle.js';
import type { PluginPackage } from '../runtime/plugin-package.js';
import { PluginRegistry } from '../runtime/registry.js';
import { listen } from '../server/listen.js';
import { serviceParts, withoutEmpty } from '../start.js';
import { Handoffs } from './handoffs.js';
import { makeSocketsFolder } from './sockets-folder.js';
import { workerAdmin } from './worker-admin.js';
import { WorkerProcess, type WorkerReady } from './worker-process.js';

/** What workers are run with. */
export interface SupervisorOptions {
  readonly config: GatewayConfig;
  readonly packages: readonly PluginPackage[];
  /** Ids of service plugins; they run in this process, and offer their variables to the workers. */
  readonly services: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
}

/** Workers that serve on one port. */
export interface StartedWorkers {
  readonly port: number;
  readonly adminPort: number;
  /** The ids of the deployed APIs. */
  readonly apis: readonly string[];
  readonly announce: Readonly<Record<string, string>>;
  /** Goes unready, drains every worker, stops. Resolves with the names of what did not stop cleanly. Safe to call twice. */
  stop(): Promise<readonly string[]>;
}

/**
 * Runs `config.workers` processes that share the gateway's port; connections are spread over them in turn. The first is
 * started alone: what is wrong with the definitions is said once.
 * @throws Error when the first does not start
 */
export async function startWorkers(options: SupervisorOptions): Promise<StartedWorkers> {
  const { config, log } = options;
  const registry = new PluginRegistry();
  for (const offered of options.packages) registry.offer(offered);
  const folder = await makeSocketsFolder();
  const services: RunningService[] = [];
  let workers: readonly WorkerProcess[] = [];
  let first: WorkerReady | undefined;
  let admin: Server | undefined;
  let adminPort = 0;
  let stopping = false;

  const parts: Part[] = [
    {
      name: 'folder of sockets',
      start: async () => {},
      stop: () => rm(folder, { recursive: true, force: true }),
    },
    ...serviceParts(options.services, registry, services, log),
    {
      // It is stopped after the workers: whoever asks sees that they drain.
      name: 'management port',
      start: async () => {
        const handoffs = new Handoffs();
        const offered = Object.assign({}, ...services.map(({ environment }) => environment));
        const environment = { ...offered, ...withoutEmpty(options.environment) } as Record<string, string>;
        workers = Array.from({ length: config.workers }, (_, index) => {
          const socket = join(folder, `worker-${index + 1}.sock`);
          const own = { ...environment, SLUICE_WORKER_SOCKET: socket };
          return new WorkerProcess(index + 1, socket, own, handoffs, log);
        });
        admin = workerAdmin(workers, () => stopping, config.admin.names);
        adminPort = await listen(admin, config.admin.port, config.admin.host);
      },
      stop: async () => {
        admin?.closeAllConnections();
        await new Promise<void>((resolve) =>
          admin === undefined ? resolve() : admin.close(() => resolve()),
        );
      },
    },
    {
      name: 'workers',
      startTimeoutMs: START_TIMEOUT_MS,
      start: async () => {
        const [lead, ...others] = workers;
        first = await lead?.start();
        await Promise.all(others.map((worker) => worker.start()));
      },
      stop: async (timeoutMs) => {
        const clean = await Promise.all(workers.map((worker) => worker.stop(timeoutMs)));
        if (clean.includes(false)) throw new Error('a worker was ended before it had stopped');
      },
    },
  ];
  const lifecycle = new Lifecycle(log);
  await lifecycle.start(parts, config.drainTimeoutMs);
  let stopped: Promise<readonly string[]> | undefined;
  return {
    port: first?.port ?? 0,
    adminPort,
    apis: first?.apis ?? [],
    announce: Object.assign({}, ...services.map(({ announce }) => announce)),
    stop: () => {
      stopping = true;
      stopped ??= lifecycle.stop(config.drainTimeoutMs + WORKERS_STOP_MS);
      return stopped;
    },
  };
}

const START_TIMEOUT_MS = 60_000;
/** Workers are given the whole drain time; this is for the rest. */
const WORKERS_STOP_MS = 3000;
