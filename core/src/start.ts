import { hostname } from 'node:os';
import { join } from 'node:path';
import { productVersion } from './cli/version.js';
import type { GatewayConfig } from './config/gateway-config.js';
import type { Logger } from './contract/logger.js';
import type { Plugin, RunningService } from './contract/plugin.js';
import { formatProblem, type Problem } from './definition/problem.js';
import { assertFolder, DEFINITION_SUFFIX, fromHere } from './runtime/definition-folder.js';
import type { DeploySources } from './runtime/deploy.js';
import { deployFiles } from './runtime/deploy-files.js';
import { Gateway } from './runtime/gateway.js';
import { Lifecycle, type Part } from './runtime/lifecycle.js';
import type { PluginPackage } from './runtime/plugin-package.js';
import { PluginRegistry } from './runtime/registry.js';
import { AdminServer } from './server/admin-server.js';
import { HttpServer } from './server/http.js';
import { FileStore, memoryStore } from './subscription/document-store.js';
import { type SubscriptionStores, Subscriptions } from './subscription/subscriptions.js';
import type { DeclaredSubscription } from './subscription/take-up.js';
import { watchApis } from './telemetry/api-metrics.js';
import { catchEscapedErrors } from './telemetry/escaped-errors.js';
import { HttpTelemetry } from './telemetry/http-metrics.js';
import { watchSubscriptions } from './telemetry/subscription-metrics.js';
import { GatewayTelemetry } from './telemetry/telemetry.js';

/** What a gateway is started with. */
export interface StartOptions {
  readonly config: GatewayConfig;
  readonly plugins?: readonly Plugin[];
  /** Of these the plugins are loaded that a definition names. */
  readonly packages?: readonly PluginPackage[];
  /** Ids of service plugins to run beside it. */
  readonly services?: readonly string[];
  /** For the placeholders in definition files, and for what is exported (`OTEL_…`). */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  /** Whether errors that nothing catches are caught for the whole process once it serves; not when absent. */
  readonly lastResort?: boolean;
  /** Which of several processes this is; absent when it is the only one. */
  readonly worker?: WorkerPlace;
}

/** The place of a process among several that share the gateway's port. */
export interface WorkerPlace {
  /** From 1; the first alone runs subscriptions, and says what is wrong with the definitions. */
  readonly number: number;
  /** Where its management API listens, for the process that started it. */
  readonly socket: string;
}

/** A gateway that serves. */
export interface StartedGateway {
  readonly port: number;
  readonly adminPort: number;
  readonly gateway: Gateway;
  /** Members that services add to the `ready` line. */
  readonly announce: Readonly<Record<string, string>>;
  /** Goes unready, drains, stops. Resolves with the names of parts that did not stop cleanly. Safe to call twice. */
  stop(): Promise<readonly string[]>;
}

/**
 * Starts services, deploys every `*.api.json` of the folder, runs the subscriptions, then opens the ports. A broken definition is logged
 * and left out, unless `strict`.
 * @throws Error with every reason, a line each
 */
export async function startGateway(options: StartOptions): Promise<StartedGateway> {
  const { config, log, worker } = options;
  const isFirst = worker === undefined || worker.number === 1;
  const registry = new PluginRegistry();
  for (const plugin of options.plugins ?? []) registry.register(plugin);
  for (const offered of options.packages ?? []) registry.offer(offered);
  const telemetry = await GatewayTelemetry.start(config.telemetry, options.environment, log);
  const gateway = new Gateway(registry, log, {
    telemetry,
    ...deployFacts(config),
    ...(worker === undefined ? {} : { worker: worker.number }),
  });
  const lifecycle = new Lifecycle(log);
  const http = new HttpServer(gateway, config.http, log, new HttpTelemetry(telemetry));
  let ready = false;
  const subscriptions = new Subscriptions(
    gateway,
    await openStores(isFirst ? config.dataDir : undefined),
    log,
    Math.max(0, config.drainTimeoutMs - ENDPOINT_STOP_MS),
  );
  if (telemetry.metrics !== undefined) watchSubscriptions(telemetry.metrics, () => subscriptions.records);
  // Of several processes with the same definitions one says what became of them.
  if (telemetry.metrics !== undefined && isFirst) watchApis(telemetry.metrics, gateway);
  const admin = new AdminServer(
    { gateway, isReady: () => ready, telemetry, subscriptions, log },
    config.admin.names,
  );
  const services: RunningService[] = [];
  const ports = { http: 0, admin: 0 };
  let declared: readonly DeclaredSubscription[] = [];

  const environment = () => ({
    ...Object.assign({}, ...services.map((service) => service.environment)),
    ...withoutEmpty(options.environment),
  });
  const parts: Part[] = [
    { name: 'telemetry', start: async () => {}, stop: (timeoutMs) => telemetry.stop(timeoutMs) },
    ...serviceParts(options.services ?? [], registry, services, log),
    {
      name: 'API definitions',
      start: async () => {
        if (config.apis === undefined) {
          if (isFirst) log.warn({}, 'there is no definition to serve: name their folder with --apis');
          return;
        }
        await assertFolder(config.apis);
        const to = { gateway, registry, environment: environment(), named: fromHere };
        const deployed = await deployFiles([config.apis], to);
        declared = deployed.declared;
        tell(deployed.problems, config, isFirst ? log : undefined);
        if (isFirst) tellStopped(gateway, log);
        if (deployed.definitions === 0 && isFirst) {
          const text = `there is no definition to serve: ${config.apis} has no file whose name ends in ${DEFINITION_SUFFIX}`;
          log.warn({ folder: config.apis }, text);
        }
      },
      stop: (timeoutMs) => gateway.stop(timeoutMs),
    },
    {
      name: 'subscriptions',
      start: async () => {
        if (!isFirst) return;
        await subscriptions.start(declared);
        if (config.dataDir === undefined && gateway.apis.some(({ push }) => push.length > 0)) {
          log.warn(
            {},
            'there is no --data-dir: subscriptions made over the management API end with this process',
          );
        }
      },
      stop: (timeoutMs) => subscriptions.stop(Math.max(0, timeoutMs - ENDPOINT_STOP_MS)),
    },
    {
      name: 'management port',
      start: async () => {
        if (worker !== undefined) await admin.listenAt(worker.socket);
        else ports.admin = await admin.listen(config.admin.port, config.admin.host);
      },
      stop: () => admin.stop(),
    },
    {
      name: 'gateway port',
      start: async () => {
        ports.http = await http.listen(config.http.port, config.http.host);
      },
      stop: async (timeoutMs) => {
        // What the endpoints need to let acknowledgements in flight arrive is kept back from the drain.
        const drainMs = Math.max(0, timeoutMs - ENDPOINT_STOP_MS);
        // Callbacks in flight have the same time as clients, not what these leave of it.
        const [cut] = await Promise.all([http.stop(drainMs), subscriptions.stop(drainMs)]);
        if (cut > 0) log.warn({ connections: cut }, 'connections were cut at the drain timeout');
      },
    },
  ];
  await lifecycle.start(parts, config.drainTimeoutMs);
  ready = true;
  if (options.lastResort === true) catchEscapedErrors(log, telemetry.metrics);
  let stopped: Promise<readonly string[]> | undefined;
  return {
    port: ports.http,
    adminPort: ports.admin,
    gateway,
    announce: Object.assign({}, ...services.map(({ announce }) => announce)),
    stop: () => {
      ready = false;
      stopped ??= lifecycle.stop(config.drainTimeoutMs);
      return stopped;
    },
  };
}

/** What of a configuration decides how definitions are deployed, so that whoever checks them says the same. */
export function deployFacts({ secretsDir, tenant, tags, strict, webhook }: GatewayConfig): DeploySources {
  return {
    ...(secretsDir === undefined ? {} : { secretsFolder: secretsDir }),
    ...(tenant === undefined ? {} : { tenant }),
    tags,
    strict,
    node: {
      id: hostname(),
      version: productVersion(),
      ...(tenant === undefined ? {} : { tenant }),
      shardingTags: tags,
    },
    allowTargets: webhook.allowTargets,
  };
}

const ENDPOINT_STOP_MS = 2000;

/** Service plugins as parts of a process; those that run are put into `running`. */
export function serviceParts(
  ids: readonly string[],
  registry: PluginRegistry,
  running: RunningService[],
  log: Logger,
): readonly Part[] {
  return ids.map((id) => {
    let service: RunningService | undefined;
    return {
      name: `service ${id}`,
      start: async () => {
        await registry.load([{ kind: 'service', id }]);
        const plugin = registry.find('service', id);
        if (typeof plugin === 'string') throw new Error(plugin);
        service = await plugin.start({ log });
        running.push(service);
      },
      stop: async () => service?.stop(),
    };
  });
}

async function openStores(dataDir: string | undefined): Promise<SubscriptionStores> {
  if (dataDir === undefined) return { subscriptions: memoryStore(), attempts: memoryStore() };
  const open = (name: string) =>
    FileStore.open(join(dataDir, name)).catch((error: NodeJS.ErrnoException) => {
      throw new Error(`the data folder ${dataDir} cannot be used (${error.code}); name one with --data-dir`);
    });
  return { subscriptions: await open('subscriptions'), attempts: await open('attempts') };
}

/** Logs which definitions are not served though nothing is wrong with them. */
function tellStopped(gateway: Gateway, log: Logger): void {
  for (const { id, state, reasons } of gateway.unserved) {
    const [reason] = reasons;
    if (state === 'stopped') log.info({ api: id, reason }, `the API is not served: ${reason}`);
  }
}

/** Logs problems. @throws Error with those that are errors, when the configuration is strict */
function tell(problems: readonly Problem[], config: GatewayConfig, log: Logger | undefined): void {
  for (const problem of problems) {
    log?.[problem.severity === 'error' ? 'error' : 'warn']({ ...problem }, formatProblem(problem));
  }
  const broken = problems.filter(({ severity }) => severity === 'error');
  if (broken.length > 0 && config.strict) {
    throw new Error(
      `--strict, and not every definition can be deployed:\n${broken.map(formatProblem).join('\n')}`,
    );
  }
}

/** An empty variable counts as unset here, so that a service's offer shows through. */
export function withoutEmpty(environment: Readonly<Record<string, string | undefined>>) {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
}
