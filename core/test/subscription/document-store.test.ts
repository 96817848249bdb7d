import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FileStore } from '../../src/subscription/document-store.js';

async function newStore(): Promise<{ readonly store: FileStore; readonly folder: string }> {
  const made = await mkdtemp(join(tmpdir(), 'sluice-store-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  const folder = join(made, 'deep', 'down');
  return { store: await FileStore.open(folder), folder };
}

test('documents are found again by another store of the folder', async () => {
  const { store, folder } = await newStore();
  await Promise.all([store.put('b', { n: 2 }), store.put('a', { n: 1 }), store.put('c', {})]);
  await store.delete('c');
  await store.delete('never');
  expect(await (await FileStore.open(folder)).all()).toEqual([
    { id: 'a', document: { n: 1 } },
    { id: 'b', document: { n: 2 } },
  ]);
});

test('writes to one document take effect in the order of the calls', async () => {
  const { store, folder } = await newStore();
  const writes = Array.from({ length: 20 }, (_, n) => store.put('a', { n }));
  await Promise.all(writes);
  expect(JSON.parse(await readFile(join(folder, 'a.json'), 'utf8'))).toEqual({ n: 19 });
  expect(await readdir(folder)).toEqual(['a.json']);
});

test.each(['', '{', '[]', 'null', '"text"', '{"a":1}}'])(
  'a file that holds %j is told, and stays',
  async (content) => {
    const { store, folder } = await newStore();
    await store.put('good', { n: 1 });
    await writeFile(join(folder, 'bad.json'), content);
    expect(await store.all()).toEqual([
      { file: join(folder, 'bad.json'), fault: expect.any(String) },
      { id: 'good', document: { n: 1 } },
    ]);
    expect(await readFile(join(folder, 'bad.json'), 'utf8')).toBe(content);
  },
);

test('what a process left half-written never shows, and the document before it does', async () => {
  const { store, folder } = await newStore();
  await store.put('a', { n: 1 });
  await writeFile(join(folder, 'a.json.tmp'), '{"n":');
  expect(await store.all()).toEqual([{ id: 'a', document: { n: 1 } }]);
  expect(await readdir(folder)).toEqual(['a.json']);
});

test('a write that fails leaves what was there, and the next one works', async () => {
  const { store } = await newStore();
  await store.put('a', { n: 1 });
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  await expect(store.put('a', circular)).rejects.toThrow();
  expect(await store.all()).toEqual([{ id: 'a', document: { n: 1 } }]);
  await store.put('a', { n: 2 });
  expect(await store.all()).toEqual([{ id: 'a', document: { n: 2 } }]);
});
