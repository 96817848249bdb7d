import type { Command } from 'commander';
import { readConfig } from '../config/read-config.js';
import { formatProblem } from '../definition/problem.js';
import { deployFiles } from '../runtime/deploy-files.js';
import { Gateway } from '../runtime/gateway.js';
import { PluginRegistry } from '../runtime/registry.js';
import { deployFacts } from '../start.js';
import { createLogger } from '../telemetry/log.js';
import { findPlugins } from './load-plugins.js';
import { collect } from './options.js';

interface Flags {
  readonly config?: string;
  readonly plugins?: readonly string[];
  readonly strict?: boolean;
}

/**
 * `sluice validate`: prints every problem that a start would find in definition files; exit 1 when one keeps a file from
 * being deployed. Of one thing it thinks better than a start: a variable that is not set here may be set there.
 */
export function addValidateCommand(program: Command): void {
  program
    .command('validate')
    .description(
      'check definitions, and the files of keys, policy groups and subscriptions beside them, without a broker',
    )
    .argument('<path...>', 'files, or folders of them')
    .option('--config <file>', 'the configuration file that they will be started with')
    .option('--strict', 'as a start with --strict; a variable that is not set is an error too')
    .option('--plugins <dir>', 'a further folder of plugins; may be given again', collect)
    .action(async (paths: readonly string[], flags: Flags) => {
      const config = await readConfig(flags, process.env);
      const registry = new PluginRegistry();
      for (const offered of await findPlugins(config.plugins)) registry.offer(offered);
      const gateway = new Gateway(registry, createLogger('error'), deployFacts(config), { dryRun: true });
      const { files, problems } = await deployFiles(paths, {
        gateway,
        registry,
        environment: process.env,
        missingVariables: config.strict ? 'error' : 'warning',
      });
      if (files.length === 0 && problems.length === 0)
        throw new Error('there is no file of definitions there');
      for (const file of new Set([...problems.map((problem) => problem.file), ...files].sort())) {
        const own = problems.filter((problem) => problem.file === file);
        for (const problem of own) console.log(formatProblem(problem));
        if (own.some(({ severity }) => severity === 'error')) process.exitCode = 1;
        else console.log(`${file}: ok`);
      }
    });
}
