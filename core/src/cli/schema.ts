import type { Command } from 'commander';
import { editorSchema } from '../definition/editor-schema.js';
import { PluginRegistry } from '../runtime/registry.js';
import { loadPlugins } from './load-plugins.js';
import { collect } from './options.js';

/** `sluice schema`: writes the JSON Schema of definition files, for editors. */
export function addSchemaCommand(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of definition files, made from the installed plugins')
    .option('--plugins <dir>', 'a further folder of plugins; may be given again', collect)
    .action(async (flags: { plugins?: readonly string[] }) => {
      const registry = new PluginRegistry();
      for (const plugin of await loadPlugins(flags.plugins ?? [])) registry.register(plugin);
      const schema = editorSchema(
        registry.all('entrypoint'),
        registry.all('endpoint'),
        registry.all('policy'),
        registry.all('security'),
      );
      console.log(JSON.stringify(schema, null, 2));
    });
}
