import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { defaultPluginFolders, discoverPlugins } from '../../src/runtime/discover.js';

/** A folder of plugin folders, each given by its package.json and its module. */
async function folderOf(packages: Readonly<Record<string, readonly [manifest: unknown, module?: string]>>) {
  const root = await mkdtemp(join(tmpdir(), 'sluice-plugins-'));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const [name, [manifest, module]] of Object.entries(packages)) {
    const folder = join(root, name);
    await mkdir(folder);
    const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
    await writeFile(join(folder, 'package.json'), text);
    if (module !== undefined) await writeFile(join(folder, 'plugin.mjs'), module);
  }
  return root;
}

const MANIFEST = { sluice: './plugin.mjs' };
const plugin = (id: string) => `{ kind: 'endpoint', id: '${id}' }`;

test('every folder whose package.json names a module gives its plugin, or all of an array', async () => {
  const root = await folderOf({
    b: [MANIFEST, `export default ${plugin('b')};`],
    a: [MANIFEST, `export default [${plugin('a1')}, ${plugin('a2')}];`],
    library: [{ name: 'no plugin' }],
  });
  const { plugins, failures } = await discoverPlugins([root]);
  expect(plugins.map(({ id }) => id)).toEqual(['a1', 'a2', 'b']);
  expect(failures).toEqual([]);
});

test('folders are searched in the order given, and one that is not there is empty', async () => {
  const [first, second] = await Promise.all([
    folderOf({ z: [MANIFEST, `export default ${plugin('z')};`] }),
    folderOf({ a: [MANIFEST, `export default ${plugin('a')};`] }),
  ]);
  const { plugins } = await discoverPlugins([first, '/no/such/folder', second]);
  expect(plugins.map(({ id }) => id)).toEqual(['z', 'a']);
});

test.each([
  ['throws while it is imported', [MANIFEST, 'throw new Error("no licence");'], 'no licence'],
  ['is not there', [MANIFEST], 'plugin.mjs'],
  [
    'exports no plugin',
    [MANIFEST, 'export default { id: "x" };'],
    './plugin.mjs does not export a plugin by default',
  ],
  [
    'exports nothing',
    [MANIFEST, 'export const plugin = 1;'],
    './plugin.mjs does not export a plugin by default',
  ],
  ['is no name', [{ sluice: 7 }], '"sluice" in package.json must name a module'],
  ['has a manifest that is no JSON', ['{'], 'JSON'],
] as const)(
  'a plugin whose module %s is told with its folder, and does not hide the others',
  async (_, broken, reason) => {
    const root = await folderOf({ broken, good: [MANIFEST, `export default ${plugin('good')};`] });
    const { plugins, failures } = await discoverPlugins([root]);
    expect(plugins.map(({ id }) => id)).toEqual(['good']);
    expect(failures).toEqual([{ folder: join(root, 'broken'), reason: expect.stringContaining(reason) }]);
  },
);

test('without being told, the plugin folders of this product are searched', () => {
  const names = defaultPluginFolders().map((folder) => folder.split('/').at(-1));
  expect(names).toEqual(['entrypoints', 'plugins']);
});
