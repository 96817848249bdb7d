import type { Plugin } from '../contract/plugin.js';

/** What is known of a plugin before its module is imported: its members of the same name. */
export interface PluginName {
  readonly kind: Plugin['kind'];
  readonly id: string;
  readonly aliases?: readonly string[];
  /** Of a plan security that reads files beside the definitions. */
  readonly files?: { readonly suffix: string };
}

/** A folder whose plugins are known by their names, until one of them is asked for. */
export interface PluginPackage {
  readonly folder: string;
  readonly names: readonly PluginName[];
  /**
   * Imports it. Resolves with one plugin for each of `names`.
   * @throws whatever the module throws, or Error when it exports something else
   */
  load(): Promise<readonly Plugin[]>;
}

/** The name of a plugin, as a package would tell it. */
export function nameOf(plugin: Plugin): PluginName {
  const { kind, id } = plugin;
  const aliases = 'aliases' in plugin ? plugin.aliases : undefined;
  const files = 'files' in plugin ? plugin.files : undefined;
  return {
    kind,
    id,
    ...(aliases === undefined ? {} : { aliases }),
    ...(files === undefined ? {} : { files: { suffix: files.suffix } }),
  };
}

/** A folder whose plugin cannot be had, and why. */
export interface PluginFailure {
  readonly folder: string;
  readonly reason: string;
}

/** What a plugin's module threw, in words. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** @throws Error with a line for each failure, when there is one */
export function assertLoaded(failures: readonly PluginFailure[]): void {
  if (failures.length === 0) return;
  throw new Error(
    failures.map(({ folder, reason }) => `the plugin in ${folder} cannot be loaded: ${reason}`).join('\n'),
  );
}
