import type { Plugin } from '../contract/plugin.js';
import { defaultPluginFolders, discoverPlugins } from '../runtime/discover.js';

/** Every plugin found. @throws Error naming each folder whose plugin cannot be loaded, and why */
export async function loadPlugins(further: readonly string[]): Promise<readonly Plugin[]> {
  const { plugins, failures } = await discoverPlugins([...defaultPluginFolders(), ...further]);
  if (failures.length > 0) {
    throw new Error(
      failures.map(({ folder, reason }) => `the plugin in ${folder} cannot be loaded: ${reason}`).join('\n'),
    );
  }
  return plugins;
}
