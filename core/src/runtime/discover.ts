import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Plugin } from '../contract/plugin.js';

/** The folders that are searched for plugins beside those a user names: `entrypoints/` and `plugins/` of this product. */
export function defaultPluginFolders(): readonly string[] {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
  return [join(root, 'entrypoints'), join(root, 'plugins')];
}

/** What was found in the plugin folders: a broken plugin is reported and does not hide the others. */
export interface Discovered {
  readonly plugins: readonly Plugin[];
  readonly failures: readonly { readonly folder: string; readonly reason: string }[];
}

/**
 * Imports every plugin below the given folders: each folder in them whose package.json has a `sluice` member,
 * which names the module that exports one plugin, or an array of them, by default. Folders are taken by name, so
 * that the order is the same everywhere. A folder that does not exist is empty.
 */
export async function discoverPlugins(folders: readonly string[]): Promise<Discovered> {
  const plugins: Plugin[] = [];
  const failures: { folder: string; reason: string }[] = [];
  for (const folder of (await Promise.all(folders.map(packageFolders))).flat()) {
    try {
      plugins.push(...(await importPlugins(folder)));
    } catch (error) {
      failures.push({ folder, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { plugins, failures };
}

async function packageFolders(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map((entry) => join(folder, entry.name))
    .sort();
}

async function importPlugins(folder: string): Promise<readonly Plugin[]> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return [];
  const manifest = JSON.parse(text) as { sluice?: unknown };
  if (manifest.sluice === undefined) return [];
  if (typeof manifest.sluice !== 'string') throw new Error('"sluice" in package.json must name a module');
  const module = (await import(pathToFileURL(join(folder, manifest.sluice)).href)) as { default?: unknown };
  const exported = Array.isArray(module.default) ? module.default : [module.default];
  for (const plugin of exported) {
    if (!isPlugin(plugin)) throw new Error(`${manifest.sluice} does not export a plugin by default`);
  }
  return exported as Plugin[];
}

const KINDS: readonly string[] = ['entrypoint', 'endpoint', 'policy', 'security', 'service'];

function isPlugin(value: unknown): value is Plugin {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, id } = value as Partial<Plugin>;
  return typeof id === 'string' && KINDS.includes(String(kind));
}
