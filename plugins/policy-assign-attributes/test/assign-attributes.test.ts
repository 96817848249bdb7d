import {
  fakeContext,
  fakeExpressions,
  policyConformance,
  recordingLogger,
  textMessage,
} from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import { runConformance } from '../../../test/support/conformance.js';
import assignAttributes from '../src/index.js';

const expressions = fakeExpressions({
  '{#exchange}': async (ctx) => ctx.attributes.get('exchange'),
  '{#content}': (_ctx, message) => message?.content?.toString(),
  'a,{#content}': (_ctx, message) => `a,${message?.content}`,
  '{#noted}': (ctx, message) => (message?.attributes ?? Object.fromEntries(ctx.attributes)).a,
  '{#list}': () => ['x', 1],
  '{#null}': () => null,
  '{#fails}': () => {
    throw new Error('no such thing');
  },
});

const created = (...attributes: readonly (readonly [name: string, value: string])[]) =>
  assignAttributes.create(
    { attributes: attributes.map(([name, value]) => ({ name, value })) },
    { apiId: 'test', log: recordingLogger(), expressions },
  );

describe('conformance', () => {
  runConformance(
    policyConformance({
      plugin: assignAttributes,
      config: {
        attributes: [
          { name: 'a', value: '{#exchange}' },
          { name: 'b', value: '{#noted}' },
        ],
      },
      expressions,
      withoutDefault: ['scope'],
      wrong: [
        { config: { attributes: [{ name: 'a' }] }, says: /"value" is missing/ },
        { config: { attributes: [{ name: '', value: 'x' }] }, says: /name/ },
        { config: { attributes: [{ name: 'a', value: '{#what' }] }, says: /\{#what/ },
      ],
    }),
  );
});

test.each(['onRequest', 'onResponse'] as const)(
  '%s: of the exchange, in order, types kept',
  async (phase) => {
    const ctx = fakeContext();
    await created(['a', '{#list}'], ['b', '{#noted}'], ['c', 'text'])[phase]?.(ctx, ctx.response);
    expect(Object.fromEntries(ctx.attributes)).toEqual({ a: ['x', 1], b: ['x', 1], c: 'text' });
  },
);

test.each(['onPublish', 'onSubscribe'] as const)(
  '%s: of the message, in order, and not of the exchange',
  async (phase) => {
    const ctx = fakeContext();
    const message = await created(['a', '{#content}'], ['b', '{#noted}'])[phase]?.(textMessage('hello'), ctx);
    expect(message?.attributes).toEqual({ a: 'hello', b: 'hello' });
    expect(ctx.attributes.size).toBe(0);
  },
);

test('what is null or cannot be evaluated is left as it was, and the rest is set', async () => {
  const policy = created(['a', '{#fails}'], ['b', '{#null}'], ['c', 'text']);
  const before = textMessage('x', { attributes: { a: 1, b: 2 } });
  const message = await policy.onPublish?.(before, fakeContext());
  expect(message?.attributes).toEqual({ a: 1, b: 2, c: 'text' });
  const ctx = fakeContext({ attributes: new Map([['b', 2]]) });
  await policy.onRequest?.(ctx);
  expect(Object.fromEntries(ctx.attributes)).toEqual({ b: 2, c: 'text' });
});

test('no client makes a list of topics of what is written as one text', async () => {
  const topics = 'gravitee.attribute.kafka.topics';
  const policy = created(['text', '{#content}'], [topics, '{#content}'], ['more.topics', 'a,{#content}']);
  const message = await policy.onPublish?.(textMessage('b,c'), fakeContext());
  expect(message?.attributes).toEqual({ text: 'b,c', [topics]: ['b,c'], 'more.topics': 'a,b,c' });
});

test('a list of topics that an exchange is given by an expression that has to be waited for', async () => {
  const ctx = fakeContext({ attributes: new Map([['exchange', 'b,c']]) });
  await created(['own.topics', '{#exchange}'], ['two.topics', '{#list}']).onRequest?.(ctx);
  expect(ctx.attributes.get('own.topics')).toEqual(['b,c']);
  expect(ctx.attributes.get('two.topics')).toEqual(['x', 1]);
});
