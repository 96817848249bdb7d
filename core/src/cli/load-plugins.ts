import type { Plugin } from '../contract/plugin.js';
import { defaultPluginFolders, discoverPlugins, findPackages } from '../runtime/discover.js';
import { assertLoaded, type PluginPackage } from '../runtime/plugin-package.js';

/** Every plugin found. @throws Error naming each folder whose plugin cannot be loaded, and why */
export async function loadPlugins(further: readonly string[]): Promise<readonly Plugin[]> {
  const { plugins, failures } = await discoverPlugins([...defaultPluginFolders(), ...further]);
  assertLoaded(failures);
  return plugins;
}

/** As {@link loadPlugins}, without importing what need not be yet. */
export async function findPlugins(further: readonly string[]): Promise<readonly PluginPackage[]> {
  const { packages, failures } = await findPackages([...defaultPluginFolders(), ...further]);
  assertLoaded(failures);
  return packages;
}
