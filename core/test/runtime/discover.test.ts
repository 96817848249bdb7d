import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { defaultPluginFolders, discoverPlugins, findPackages } from '../../src/runtime/discover.js';
import { nameOf } from '../../src/runtime/plugin-package.js';

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

describe('a package that tells of its plugins', () => {
  const told = (...plugins: readonly object[]) => ({ sluice: { module: './plugin.mjs', plugins } });

  test('is imported when it is asked for, not before', async () => {
    const names = [{ kind: 'policy', id: 'x', aliases: ['y'] }];
    const root = await folderOf({ a: [told(...names), 'throw new Error("imported");'] });
    const { packages, failures } = await findPackages([root]);
    expect(failures).toEqual([]);
    expect(packages).toMatchObject([{ folder: join(root, 'a'), names }]);
    await expect(packages[0]?.load()).rejects.toThrow('imported');
  });

  test('exports what it tells of, in its order', async () => {
    const both = [
      { kind: 'endpoint', id: 'x' },
      { kind: 'security', id: 'y', files: { suffix: '.y.json' } },
    ];
    const security = "{ kind: 'security', id: 'y', files: { suffix: '.y.json', schema: {} } }";
    const root = await folderOf({ a: [told(...both), `export default [${plugin('x')}, ${security}];`] });
    const { packages } = await findPackages([root]);
    expect((await packages[0]?.load())?.map(({ id }) => id)).toEqual(['x', 'y']);
  });

  test.each([
    ['another id', [{ kind: 'endpoint', id: 'b' }]],
    ['another kind', [{ kind: 'policy', id: 'a' }]],
    ['an alias that it does not have', [{ kind: 'endpoint', id: 'a', aliases: ['b'] }]],
    [
      'one too many',
      [
        { kind: 'endpoint', id: 'a' },
        { kind: 'endpoint', id: 'b' },
      ],
    ],
    ['none', []],
  ])('is refused when it tells of %s', async (_, names) => {
    const root = await folderOf({ a: [told(...names), `export default ${plugin('a')};`] });
    const { plugins, failures } = await discoverPlugins([root]);
    expect(plugins).toEqual([]);
    expect(failures[0]?.reason).toBe(
      `./plugin.mjs exports the plugins [{"kind":"endpoint","id":"a"}], but package.json tells of ${JSON.stringify(names)}`,
    );
  });

  test.each([['x'], [[{ id: 'x' }]], [[{ kind: 'gadget', id: 'x' }]], [[7]]])(
    'is refused when it tells of %j',
    async (plugins) => {
      const root = await folderOf({ a: [{ sluice: { module: './plugin.mjs', plugins } }] });
      const { packages, failures } = await findPackages([root]);
      expect(packages).toEqual([]);
      expect(failures[0]?.reason).toBe(
        '"plugins" of "sluice" in package.json must be a list of objects with "kind" and "id"',
      );
    },
  );

  test('is the form of every package of this product', async () => {
    const { packages } = await findPackages(defaultPluginFolders());
    const { plugins, failures } = await discoverPlugins(defaultPluginFolders());
    expect(failures).toEqual([]);
    expect(packages.flatMap(({ names }) => names)).toEqual(plugins.map(nameOf));
    for (const { folder } of packages) {
      const { sluice } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
      expect(sluice).toHaveProperty('plugins');
    }
  });
});

test('a package that names its module alone is imported to learn what it has', async () => {
  const root = await folderOf({ a: [MANIFEST, `export default ${plugin('a')};`] });
  const { packages } = await findPackages([root]);
  expect(packages.map(({ names }) => names)).toEqual([[{ kind: 'endpoint', id: 'a' }]]);
});

test('without being told, the plugin folders of this product are searched', () => {
  const names = defaultPluginFolders().map((folder) => folder.split('/').at(-1));
  expect(names).toEqual(['entrypoints', 'plugins']);
});
