import cluster from 'node:cluster';
import { type Command, Option } from 'commander';
import type { GatewayConfig } from '../config/gateway-config.js';
import { readConfig } from '../config/read-config.js';
import type { Logger } from '../contract/logger.js';
import { startGateway, type WorkerPlace } from '../start.js';
import { catchEscapedErrors } from '../telemetry/escaped-errors.js';
import { createLogger, LOG_LEVELS } from '../telemetry/log.js';
import { startWorkers } from '../workers/supervisor.js';
import { findPlugins } from './load-plugins.js';
import { collect, duration, portNumber, workerCount } from './options.js';
import { onStopSignals } from './signals.js';

interface Flags {
  readonly apis?: string;
  readonly dataDir?: string;
  readonly port?: number;
  readonly adminPort?: number;
  readonly workers?: number;
  readonly embeddedKafka?: boolean;
  readonly config?: string;
  readonly plugins?: readonly string[];
  readonly strict?: boolean;
  readonly drainTimeout?: number;
  readonly logLevel?: string;
}

/** `sluice start`: runs the gateway until SIGTERM, SIGINT or SIGHUP. */
export function addStartCommand(program: Command): void {
  program
    .command('start')
    .description('run the gateway until SIGTERM, SIGINT or SIGHUP')
    .option('--apis <dir>', 'the folder of definitions (*.api.json) and of the files beside them')
    .option('--data-dir <dir>', 'the folder that keeps subscriptions over a restart (SLUICE_DATA_DIR)')
    .option('--port <n>', 'the port clients speak to, 0 for a free one (8082; SLUICE_PORT)', portNumber)
    .option(
      '--admin-port <n>',
      'the management port, 0 for a free one (18082; SLUICE_ADMIN_PORT)',
      portNumber,
    )
    .option(
      '--workers <n>',
      'processes that share the port, 1 to 64, for more than one core (1)',
      workerCount,
    )
    .option('--embedded-kafka', 'run a Kafka in this process and offer it as KAFKA_BOOTSTRAP_SERVERS')
    .option('--config <file>', 'the configuration file')
    .option('--plugins <dir>', 'a further folder of plugins; may be given again', collect)
    .option('--strict', 'do not start when a definition cannot be deployed')
    .option(
      '--drain-timeout <time>',
      'how long a stop waits for what is in flight, such as 500ms, 10s or 2m (10s)',
      duration,
    )
    .addOption(new Option('--log-level <level>', 'the least level that is logged (info)').choices(LOG_LEVELS))
    .action(run);
}

/** What runs, whether in this process or in several. */
interface Running {
  /** Says that it serves. */
  tellReady(): void;
  stop(): Promise<readonly string[]>;
}

async function run(flags: Flags): Promise<void> {
  const { drainTimeout, embeddedKafka, ...rest } = flags;
  const drain = drainTimeout === undefined ? {} : { drainTimeoutMs: drainTimeout };
  const config = await readConfig({ ...rest, ...drain }, process.env);
  const log = createLogger(config.logLevel);
  const services = embeddedKafka === true ? ['embedded-kafka'] : [];
  const worker = workerPlace();
  const ofWorker = worker === undefined ? {} : { worker: worker.number };
  let stopping = false;
  onStopSignals(
    (signal) => {
      stopping = true;
      const text = `${signal}: draining for at most ${config.drainTimeoutMs} ms`;
      log.info({ event: 'stopping', signal, ...ofWorker }, text);
      void starting.then(end, () => process.exit(0));
    },
    (signal) => {
      // The process that started the workers decides for all of them; they end with it.
      if (worker !== undefined) return;
      log.warn({ event: 'stopped', signal }, `${signal} again: ending at once`);
      process.exit(1);
    },
  );
  const end = (running: Running) =>
    running.stop().then((failed) => {
      if (worker === undefined) log.info({ event: 'stopped' }, 'stopped');
      // Native clients may keep threads alive that have nothing left to do.
      process.exit(failed.length === 0 ? 0 : 1);
    });
  const starting = worker === undefined ? serve(config, services, log) : work(config, worker, log);
  try {
    const running = await starting;
    if (!stopping) running.tellReady();
  } catch (error) {
    // A start that fails after a stop was asked for has done what was asked.
    if (!stopping) throw error;
  }
}

/** Serves, by one process or several. */
async function serve(config: GatewayConfig, services: readonly string[], log: Logger): Promise<Running> {
  const packages = await findPlugins(config.plugins);
  const options = { config, packages, services, environment: process.env, log, lastResort: true };
  const tellReady = (ports: { readonly port: number; readonly adminPort: number }, more: object) => {
    const text = `serving on port ${ports.port}, management on port ${ports.adminPort}`;
    log.info({ event: 'ready', ...ports, ...more }, text);
  };
  if (config.workers > 1) {
    const { port, adminPort, apis, announce, stop } = await startWorkers(options);
    catchEscapedErrors(log);
    const more = { apis, workers: config.workers, ...announce };
    return { tellReady: () => tellReady({ port, adminPort }, more), stop };
  }
  const { port, adminPort, gateway, announce, stop } = await startGateway(options);
  const apis = gateway.apis.map(({ id }) => id);
  return { tellReady: () => tellReady({ port, adminPort }, { apis, ...announce }), stop };
}

/** Serves as one of several; the process that started it is told. */
async function work(config: GatewayConfig, worker: WorkerPlace, log: Logger): Promise<Running> {
  const packages = await findPlugins(config.plugins);
  const { port, gateway, stop } = await startGateway({
    config,
    packages,
    environment: process.env,
    log,
    lastResort: true,
    worker,
  });
  const apis = gateway.apis.map(({ id }) => id);
  return { tellReady: () => void process.send?.({ event: 'ready', port, apis }), stop };
}

function workerPlace(): WorkerPlace | undefined {
  if (!cluster.isWorker) return undefined;
  const { SLUICE_WORKER = '1', SLUICE_WORKER_SOCKET: socket = '' } = process.env;
  return { number: Number(SLUICE_WORKER), socket };
}
