import type { Message, Policy } from '@sluice/core';
import { definePolicy } from '@sluice/core';
import { type PolicyHarness, policyConformance } from '@sluice/core/testing';
import { expect, test } from 'vitest';

/** A policy that keeps all promises but those of the methods given. */
function harness(methods: Partial<Policy>, more: Partial<PolicyHarness> = {}): PolicyHarness {
  const pass = (message: Message) => message;
  const plugin = definePolicy<object>({
    kind: 'policy',
    id: 'broken',
    phases: ['request', 'publish', 'subscribe'],
    schema: { type: 'object', additionalProperties: false },
    create: () => ({ onRequest: () => undefined, onPublish: pass, onSubscribe: pass, ...methods }),
  });
  return { plugin, config: {}, wrong: [{ config: { a: 1 }, says: /"a"/ }], ...more };
}

async function failing(of: PolicyHarness): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const { name, run } of policyConformance(of)) {
    await run().catch(() => failed.push(name));
  }
  return failed;
}

test('a policy that keeps its promises passes', async () => {
  expect(await failing(harness({}))).toEqual([]);
});

let last = '';
const remember = async (message: Message): Promise<Message> => {
  last = message.content?.toString() ?? '';
  await new Promise((resolve) => setImmediate(resolve));
  return { ...message, headers: [...message.headers, ['last', Buffer.from(last)]] };
};
let count = 0;

const spoiled = (message: Message): Message => {
  message.content?.fill(0);
  return message;
};

test.each<[string, Partial<Policy>, RegExp]>([
  ['content', { onPublish: spoiled }, /not changed/],
  ['members', { onPublish: (message) => Object.assign(message, { attributes: {} }) }, /not changed/],
  ['drops', { onPublish: () => null }, /is to pass/],
  ['id', { onPublish: (message) => ({ ...message, id: '' }) }, /id, key/],
  ['metadata', { onPublish: (message) => ({ ...message, metadata: {} }) }, /id, key/],
  [
    'tombstones',
    { onPublish: (message) => ({ ...message, content: message.content ?? Buffer.alloc(0) }) },
    /tombstones/,
  ],
  [
    'bytes',
    {
      onPublish: (message) => ({
        ...message,
        content: message.content && Buffer.from(message.content.toString()),
      }),
    },
    /binary/,
  ],
  [
    'repeats',
    { onPublish: (message) => ({ ...message, headers: [...new Map(message.headers)] }) },
    /other headers/,
  ],
  ['attributes', { onPublish: (message) => ({ ...message, attributes: { a: 1 } }) }, /attributes noted/],
  ['mixing', { onSubscribe: (message) => ({ ...message, attributes: { noted: count++ } }) }, /do not mix/],
  ['an extra header', { onSubscribe: remember }, /other headers/],
])('a policy that spoils %s is found', async (_, methods, found) => {
  expect(await failing(harness(methods))).toContainEqual(expect.stringMatching(found));
});

test('a phase without its method, and one that is not claimed, are found', async () => {
  const found = ['the phases it claims are there, and no others'];
  expect(await failing(harness({ onResponse: () => undefined }))).toEqual(found);
});

test('a wrong configuration that is taken is found', async () => {
  const found = await failing(harness({}, { wrong: [{ config: {}, says: /anything/ }] }));
  expect(found).toEqual(['a wrong configuration is refused when deployed, with a reason']);
});

test('an option without a description or default is found', async () => {
  const { plugin, ...rest } = harness({});
  const schema = { ...plugin.schema, properties: { b: { type: 'object', properties: { c: {} } } } };
  const found = policyConformance({ ...rest, plugin: { ...plugin, schema } }).find(({ name }) =>
    name.startsWith('every option'),
  );
  await expect(found?.run()).rejects.toThrow(/b\.c has no default/);
});
