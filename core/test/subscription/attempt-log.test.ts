import { recordingLogger } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { StoredAttempts } from '../../src/subscription/attempt-log.js';
import { type DocumentStore, memoryStore } from '../../src/subscription/document-store.js';

const documentOf = async (store: DocumentStore) => {
  const [found] = await store.all();
  return found !== undefined && 'id' in found ? found.document : undefined;
};

test('what was set is read back, and what is forgotten is gone', async () => {
  const store = memoryStore();
  const log = new StoredAttempts('s', store, recordingLogger());
  await log.set('a', { count: 1, sinceMs: 5 });
  await log.set('b', { count: 2, sinceMs: 6 });
  const again = new StoredAttempts('s', store, recordingLogger(), await documentOf(store));
  expect([again.get('a'), again.get('b'), again.get('c')]).toEqual([
    { count: 1, sinceMs: 5 },
    { count: 2, sinceMs: 6 },
    undefined,
  ]);
  again.forget('a');
  await again.clear();
  expect(await documentOf(store)).toBeUndefined();
});

test('of more than a thousand messages the oldest is forgotten', async () => {
  const store = memoryStore();
  const log = new StoredAttempts('s', store, recordingLogger());
  await Promise.all(
    Array.from({ length: 1001 }, (_, index) => log.set(String(index), { count: 1, sinceMs: index })),
  );
  expect([log.get('0'), log.get('1')]).toEqual([undefined, { count: 1, sinceMs: 1 }]);
});

test('who waits is told once its own state is stored, also when writes are made as one', async () => {
  const stored: number[] = [];
  const slow: DocumentStore = {
    ...memoryStore(),
    put: async (_, document) => {
      const { length } = (document as { attempts: unknown[] }).attempts;
      await new Promise((resolve) => setImmediate(resolve));
      stored.push(length);
    },
  };
  const log = new StoredAttempts('s', slow, recordingLogger());
  const seen: (number | undefined)[] = [];
  await Promise.all(
    [1, 2, 3, 4].map((count) =>
      log.set(String(count), { count, sinceMs: 0 }).then(() => seen.push(stored.at(-1))),
    ),
  );
  expect(stored).toEqual([4]);
  expect(seen).toEqual([4, 4, 4, 4]);
});

test('a store that fails is told, and the count is kept in this process', async () => {
  const logger = recordingLogger();
  const broken: DocumentStore = { ...memoryStore(), put: () => Promise.reject(new Error('disk full')) };
  const log = new StoredAttempts('s', broken, logger);
  await log.set('a', { count: 1, sinceMs: 0 });
  expect(log.get('a')).toEqual({ count: 1, sinceMs: 0 });
  expect(logger.lines.map(({ level }) => level)).toEqual(['error']);
});

test.each([
  undefined,
  null,
  {},
  { attempts: 'x' },
  { attempts: [null, { message: 1 }, { message: 'a', count: 'x' }] },
])('a stored document of another form is nothing: %j', (document) => {
  const log = new StoredAttempts('s', memoryStore(), recordingLogger(), document);
  expect(log.get('a')).toBeUndefined();
});
