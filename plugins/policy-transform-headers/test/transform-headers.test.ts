import type { MessageHeader } from '@sluice/core';
import {
  fakeContext,
  fakeExpressions,
  policyConformance,
  recordingLogger,
  textMessage,
} from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import { runConformance } from '../../../test/support/conformance.js';
import type { TransformHeadersConfig } from '../src/config.js';
import transformHeaders from '../src/index.js';

const expressions = fakeExpressions({
  '{#exchange}': async (ctx) => ctx.attributes.get('exchange'),
  '{#content}': (_ctx, message) => message?.content?.toString(),
  '{#list}': () => ['x', 1],
  '{#null}': () => null,
  '{#break}': () => 'a\r\nset-cookie: b',
  '{#fails}': () => {
    throw new Error('no such thing');
  },
});
const created = (config: Partial<TransformHeadersConfig>) =>
  transformHeaders.create(
    { addHeaders: [], appendHeaders: [], removeHeaders: [], whitelistHeaders: [], ...config },
    { apiId: 'test', log: recordingLogger(), expressions },
  );
const header = (name: string, value: string | null): MessageHeader => [
  name,
  value === null ? null : Buffer.from(value),
];
const texts = (headers: readonly MessageHeader[] = []) =>
  headers.map(([name, value]) => `${name}=${value === null ? 'null' : value.toString()}`);

describe('conformance', () => {
  runConformance(
    policyConformance({
      plugin: transformHeaders,
      config: {
        addHeaders: [{ name: 'X-Exchange', value: '{#exchange}' }],
        appendHeaders: [{ name: 'x-more', value: 'more' }],
        removeHeaders: ['OTHER'],
      },
      headers: ['x-exchange', 'x-more', 'other'],
      expressions,
      withoutDefault: ['scope'],
      wrong: [
        { config: { addHeaders: { name: 'a' } }, says: /addHeaders/ },
        { config: { removeHeaders: [{}] }, says: /removeHeaders/ },
        { config: { addHeaders: [{ name: 'a', value: '{#what' }] }, says: /\{#what/ },
      ],
    }),
  );
});

describe.each(['onPublish', 'onSubscribe'] as const)('%s', (phase) => {
  const run = async (config: Partial<TransformHeadersConfig>, ...headers: readonly MessageHeader[]) =>
    texts((await created(config)[phase]?.(textMessage('hello', { headers }), fakeContext()))?.headers);

  test('set, then appended, then removed; names ignoring case', async () => {
    const config = {
      addHeaders: [{ name: 'A', value: '{#content}' }],
      appendHeaders: [
        { name: 'b', value: '{#list}' },
        { name: 'gone', value: 'x' },
      ],
      removeHeaders: ['GONE'],
    };
    const headers = [header('a', '1'), header('b', '2'), header('Gone', '3'), header('a', '4')];
    expect(await run(config, ...headers)).toEqual(['b=2', 'A=hello', 'b=x,1']);
  });

  test('of headers set twice the last stays', async () => {
    const addHeaders = [
      { name: 'a', value: '1' },
      { name: 'A', value: '2' },
    ];
    expect(await run({ addHeaders })).toEqual(['A=2']);
  });

  test('a whitelist removes all others', async () => {
    expect(await run({ whitelistHeaders: ['B'] }, header('a', '1'), header('b', null))).toEqual(['b=null']);
  });

  test('without a name, without a value, or with one that is null: skipped', async () => {
    const addHeaders = [
      { name: ' ', value: 'x' },
      { name: 'a' },
      { name: 'b', value: null },
      { value: 'x' },
      { name: 'c', value: '{#null}' },
      { name: ' d ', value: '' },
    ];
    expect(await run({ addHeaders }, header('c', 'stays'))).toEqual(['c=stays', 'd=']);
  });

  test('a value that cannot be evaluated ends the message with a key of its own', async () => {
    const failing = run({ addHeaders: [{ name: 'a', value: '{#fails}' }] });
    await expect(failing).rejects.toMatchObject({ key: 'TRANSFORM_HEADERS_FAILURE' });
  });
});

describe('of an exchange', () => {
  const config = {
    addHeaders: [{ name: 'X-Set', value: '1' }],
    appendHeaders: [{ name: 'Many', value: 'c' }],
    removeHeaders: ['Gone'],
  };
  const headersBefore = () =>
    new Map([
      ['many', ['a', 'b']],
      ['gone', ['x']],
      ['x-set', ['0']],
    ]);
  const after = { many: ['a', 'b', 'c'], 'x-set': ['1'] };

  test('those of the request', async () => {
    const ctx = fakeContext({ request: { headers: headersBefore() } });
    await created(config).onRequest?.(ctx);
    expect(Object.fromEntries(ctx.request.headers)).toEqual(after);
  });

  test('those of the response', async () => {
    const ctx = fakeContext({ response: { status: 200, headers: headersBefore() } });
    await created(config).onResponse?.(ctx, ctx.response);
    expect(Object.fromEntries(ctx.response.headers)).toEqual(after);
  });

  test.each([
    ['a', '{#break}'],
    ['a b', 'x'],
  ])('what HTTP cannot carry is refused, and nothing is changed: %s', async (name, value) => {
    const ctx = fakeContext();
    const policy = created({
      addHeaders: [
        { name: 'first', value: 'x' },
        { name, value },
      ],
    });
    const run = async () => policy.onResponse?.(ctx, ctx.response);
    await expect(run()).rejects.toMatchObject({ key: 'TRANSFORM_HEADERS_FAILURE' });
    expect(ctx.response.headers.size).toBe(0);
  });
});
