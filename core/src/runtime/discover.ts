import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { Plugin } from '../contract/plugin.js';
import {
  nameOf,
  type PluginFailure,
  type PluginName,
  type PluginPackage,
  reasonOf,
} from './plugin-package.js';

/** The folders that are searched for plugins beside those a user names: `entrypoints/` and `plugins/` of this product. */
export function defaultPluginFolders(): readonly string[] {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
  return [join(root, 'entrypoints'), join(root, 'plugins')];
}

/** What was found in the plugin folders: a broken plugin is reported and does not hide the others. */
export interface Discovered {
  readonly plugins: readonly Plugin[];
  readonly failures: readonly PluginFailure[];
}

/**
 * Finds every package of plugins below the given folders: each folder in them whose package.json has a `sluice` member.
 * That is `{ "module", "plugins" }`: the module that exports one plugin, or an array of them, by default, and their names
 * ({@link PluginName}), so that it is imported when one of them is asked for. The module's name alone will do: it is then
 * imported to learn the names. Folders are taken by name, so that the order is the same everywhere. A folder that does not
 * exist is empty.
 */
export async function findPackages(folders: readonly string[]): Promise<{
  readonly packages: readonly PluginPackage[];
  readonly failures: readonly PluginFailure[];
}> {
  const found = (await Promise.all(folders.map(packageFolders))).flat();
  const { values, failures } = await each(found, readPackage, (folder) => folder);
  return { packages: values.filter((one) => one !== undefined), failures };
}

/** Imports every plugin of what {@link findPackages} finds. */
export async function discoverPlugins(folders: readonly string[]): Promise<Discovered> {
  const { packages, failures } = await findPackages(folders);
  const loaded = await each(
    packages,
    (one) => one.load(),
    ({ folder }) => folder,
  );
  return { plugins: loaded.values.flat(), failures: [...failures, ...loaded.failures] };
}

/** Does something with all at once; what comes of it is in their order. */
async function each<T, R>(all: readonly T[], work: (one: T) => Promise<R>, folderOf: (one: T) => string) {
  const outcomes = await Promise.allSettled(all.map(work));
  const values: R[] = [];
  const failures: PluginFailure[] = [];
  outcomes.forEach((outcome, index) => {
    if (outcome.status === 'fulfilled') values.push(outcome.value);
    else failures.push({ folder: folderOf(all[index] as T), reason: reasonOf(outcome.reason) });
  });
  return { values, failures };
}

async function packageFolders(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map((entry) => join(folder, entry.name))
    .sort();
}

interface Manifest {
  readonly module: string;
  readonly plugins?: readonly PluginName[];
}

/** The `sluice` member of a package.json; undefined when it is not there. */
async function readManifest(folder: string): Promise<Manifest | undefined> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { sluice } = JSON.parse(text) as { sluice?: unknown };
  if (sluice === undefined) return undefined;
  const { module, plugins } = (
    typeof sluice === 'string' ? { module: sluice } : Object(sluice)
  ) as Partial<Manifest>;
  if (typeof module !== 'string') throw new Error('"sluice" in package.json must name a module');
  if (plugins === undefined) return { module };
  if (!Array.isArray(plugins) || !plugins.every(hasName)) {
    throw new Error('"plugins" of "sluice" in package.json must be a list of objects with "kind" and "id"');
  }
  return { module, plugins };
}

async function readPackage(folder: string): Promise<PluginPackage | undefined> {
  const manifest = await readManifest(folder);
  if (manifest === undefined) return undefined;
  if (manifest.plugins === undefined) {
    const plugins = await importPlugins(folder, manifest);
    return { folder, names: plugins.map(nameOf), load: async () => plugins };
  }
  return { folder, names: manifest.plugins, load: () => importPlugins(folder, manifest) };
}

async function importPlugins(folder: string, { module, plugins }: Manifest): Promise<readonly Plugin[]> {
  const imported = (await import(pathToFileURL(join(folder, module)).href)) as { default?: unknown };
  const exported = Array.isArray(imported.default) ? imported.default : [imported.default];
  if (!exported.every(hasName)) throw new Error(`${module} does not export a plugin by default`);
  const names = (exported as Plugin[]).map(nameOf);
  if (plugins !== undefined && !isDeepStrictEqual(names, plugins)) {
    const [exports, told] = [names, plugins].map((one) => JSON.stringify(one));
    throw new Error(`${module} exports the plugins ${exports}, but package.json tells of ${told}`);
  }
  return exported as Plugin[];
}

const KINDS: readonly string[] = ['entrypoint', 'endpoint', 'policy', 'security', 'service'];

function hasName(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, id } = value as Partial<PluginName>;
  return typeof id === 'string' && KINDS.includes(String(kind));
}
