import cluster from 'node:cluster';
import { Command, CommanderError } from 'commander';
import { addApiKeyCommand } from './api-key.js';
import { addSchemaCommand } from './schema.js';
import { addStartCommand } from './start.js';
import { addValidateCommand } from './validate.js';
import { productVersion } from './version.js';

/** Wrong usage, as against a failed start (1). */
const USAGE = 2;

/** Runs the command line. Sets `process.exitCode`: 0 done, 1 failed, 2 wrong usage. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('sluice')
    .description(
      'Kafka behind HTTP POST and GET, Server-Sent Events, WebSocket and webhooks, from JSON API definitions',
    )
    .version(productVersion(), '--version', 'print the version')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  addStartCommand(program);
  addValidateCommand(program);
  addSchemaCommand(program);
  addApiKeyCommand(program);
  program
    .command('version')
    .description('print the version')
    .action(() => console.log(productVersion()));
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : USAGE;
      return;
    }
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
    // Its channel to the process that started it would keep a worker alive.
    if (cluster.isWorker) process.exit();
  }
}
