import { type Command, Option } from 'commander';
import { readConfig } from '../config/read-config.js';
import { startGateway } from '../start.js';
import { createLogger, LOG_LEVELS } from '../telemetry/log.js';
import { loadPlugins } from './load-plugins.js';
import { collect, duration, portNumber } from './options.js';

interface Flags {
  readonly apis?: string;
  readonly dataDir?: string;
  readonly port?: number;
  readonly adminPort?: number;
  readonly embeddedKafka?: boolean;
  readonly config?: string;
  readonly plugins?: readonly string[];
  readonly strict?: boolean;
  readonly drainTimeout?: number;
  readonly logLevel?: string;
}

/** `sluice start`: runs the gateway until SIGTERM or SIGINT. */
export function addStartCommand(program: Command): void {
  program
    .command('start')
    .description('run the gateway until SIGTERM or SIGINT')
    .option('--apis <dir>', 'the folder of *.api.json and *.subscription.json files')
    .option('--data-dir <dir>', 'the folder that keeps subscriptions over a restart (SLUICE_DATA_DIR)')
    .option('--port <n>', 'the port clients speak to, 0 for a free one (8082; SLUICE_PORT)', portNumber)
    .option(
      '--admin-port <n>',
      'the management port, 0 for a free one (18082; SLUICE_ADMIN_PORT)',
      portNumber,
    )
    .option('--embedded-kafka', 'run a Kafka in this process and offer it as KAFKA_BOOTSTRAP_SERVERS')
    .option('--config <file>', 'the configuration file')
    .option('--plugins <dir>', 'a further folder of plugins; may be given again', collect)
    .option('--strict', 'do not start when a definition cannot be deployed')
    .option('--drain-timeout <time>', 'how long a stop waits for what is in flight (10s)', duration)
    .addOption(new Option('--log-level <level>', 'the least level that is logged (info)').choices(LOG_LEVELS))
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const { drainTimeout, embeddedKafka, ...rest } = flags;
  const drain = drainTimeout === undefined ? {} : { drainTimeoutMs: drainTimeout };
  const config = await readConfig({ ...rest, ...drain }, process.env);
  const log = createLogger(config.logLevel);
  const plugins = await loadPlugins(config.plugins);
  const gateway = await startGateway({
    config,
    plugins,
    services: embeddedKafka === true ? ['embedded-kafka'] : [],
    environment: process.env,
    log,
  });
  const members = {
    event: 'ready',
    port: gateway.port,
    adminPort: gateway.adminPort,
    apis: gateway.gateway.apis.map(({ id }) => id),
    ...gateway.announce,
  };
  log.info(members, `serving on port ${gateway.port}, management on port ${gateway.adminPort}`);

  const stop = (signal: NodeJS.Signals) => {
    log.info({ event: 'stopping', signal }, `${signal}: draining for at most ${config.drainTimeoutMs} ms`);
    void gateway.stop().then((failed) => {
      log.info({ event: 'stopped' }, 'stopped');
      // Native clients may keep threads alive that have nothing left to do.
      process.exit(failed.length === 0 ? 0 : 1);
    });
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}
