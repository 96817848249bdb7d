import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { loadDefinition } from '../definition/load.js';
import { formatProblem, type Problem } from '../definition/problem.js';
import { Claims } from '../runtime/claims.js';
import { checkDataText, type DataKind, dataKinds } from '../runtime/data-files.js';
import { Gateway } from '../runtime/gateway.js';
import { PluginRegistry } from '../runtime/registry.js';
import { createLogger } from '../telemetry/log.js';
import { loadPlugins } from './load-plugins.js';
import { collect } from './options.js';

/** `sluice validate`: prints every problem of definition files; exit 1 when one keeps a file from being deployed. */
export function addValidateCommand(program: Command): void {
  program
    .command('validate')
    .description(
      'check definition files, and the files of keys and policy groups beside them, without a broker',
    )
    .argument('<file...>', 'the files')
    .option('--plugins <dir>', 'a further folder of plugins; may be given again', collect)
    .action(async (files: readonly string[], flags: { plugins?: readonly string[] }) => {
      const registry = new PluginRegistry();
      for (const plugin of await loadPlugins(flags.plugins ?? [])) registry.register(plugin);
      const gateway = new Gateway(registry, createLogger('error'));
      const claims = new Claims();
      for (const file of files) {
        const data = dataKinds(registry).find(({ suffix }) => file.endsWith(suffix));
        const problems =
          data === undefined ? await check(gateway, claims, file) : await checkData(file, data);
        for (const problem of problems) console.log(formatProblem(problem));
        const failed = problems.some(({ severity }) => severity === 'error');
        if (failed) process.exitCode = 1;
        else console.log(`${file}: ok`);
      }
    });
}

/** The problems of one file, and what it wants that a file before it has. */
async function check(gateway: Gateway, claims: Claims, file: string): Promise<readonly Problem[]> {
  try {
    const loaded = loadDefinition(await readFile(file, 'utf8'), process.env, file, {
      missingVariables: 'warning',
    });
    const problems = [...loaded.problems, ...claims.conflicts(loaded), ...gateway.check(loaded)];
    if (loaded.definition !== undefined) claims.add(loaded.definition);
    return problems;
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    return [unreadable(file, reason)];
  }
}

/** The problems of a file beside the definitions, such as one of API keys. */
async function checkData(file: string, kind: DataKind): Promise<readonly Problem[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => error);
  if (typeof text !== 'string') return [unreadable(file, text.code ?? String(text))];
  const content = checkDataText(text, file, kind, process.env);
  return Array.isArray(content) ? (content as readonly Problem[]) : [];
}

function unreadable(file: string, reason: string): Problem {
  return { severity: 'error', path: '$', file, message: `the file cannot be read (${reason})` };
}
