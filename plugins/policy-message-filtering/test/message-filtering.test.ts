import {
  fakeContext,
  fakeExpressions,
  policyConformance,
  type RecordingLogger,
  recordingLogger,
  textMessage,
} from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import { runConformance } from '../../../test/support/conformance.js';
import messageFiltering, { type MessageFilteringConfig } from '../src/index.js';

const compiled: string[] = [];
const fakes = fakeExpressions({
  '{#even}': (_ctx, message) => Number(message?.content) % 2 === 0,
  '{#odd}': async (_ctx, message) => Number(message?.content) % 2 === 1,
  '{#message.key}': (_ctx, message) => message !== undefined && message.key !== null,
  '{#subscription.filter}': (ctx) => ctx.attributes.get('filter'),
  '{#fails}': () => {
    throw new Error('no such thing');
  },
});
const expressions: typeof fakes = {
  ...fakes,
  condition(text) {
    compiled.push(text);
    return fakes.condition(text);
  },
};

const created = (config: Partial<MessageFilteringConfig>, log: RecordingLogger = recordingLogger()) =>
  messageFiltering.create(
    { filter: '{#even}', ackFilteredMessage: true, filterMessageOnFilteringError: true, ...config },
    { apiId: 'test', log, expressions },
  );
const subscriber = (filter: unknown) => fakeContext({ attributes: new Map([['filter', filter]]) });

describe('conformance', () => {
  runConformance(
    policyConformance({
      plugin: messageFiltering,
      config: { filter: '{#subscription.filter}' },
      context: (name) => subscriber(name === 'one' ? '{#message.key}' : '{#odd}'),
      passes: ({ key }) => key !== null,
      expressions,
      wrong: [
        { config: {}, says: /"filter" is missing/ },
        { config: { filter: '' }, says: /filter/ },
        { config: { filter: '{#what' }, says: /\{#what/ },
      ],
    }),
  );
});

test.each(['onPublish', 'onSubscribe'] as const)(
  '%s: what the filter does not hold for is dropped',
  async (phase) => {
    const policy = created({});
    const even = textMessage('2');
    expect(await policy[phase]?.(even, fakeContext())).toBe(even);
    expect(await policy[phase]?.(textMessage('3'), fakeContext())).toBeNull();
  },
);

describe('a filter of the subscriber', () => {
  test('each has their own, compiled once', async () => {
    const policy = created({ filter: '{#subscription.filter}' });
    const [even, odd] = [subscriber('{#even}'), subscriber('{#odd}')];
    compiled.length = 0;
    for (const content of ['1', '2', '3', '4']) {
      const message = textMessage(content);
      const isEven = Number(content) % 2 === 0;
      expect(await policy.onSubscribe?.(message, even)).toBe(isEven ? message : null);
      expect(await policy.onSubscribe?.(message, odd)).toBe(isEven ? null : message);
    }
    expect(compiled).toEqual(['{#even}', '{#odd}']);
  });

  test.each(['', undefined, 7])(
    '%j is none: the filter of the definition stays, and does not hold',
    async (filter) => {
      const policy = created({ filter: '{#subscription.filter}' });
      expect(await policy.onSubscribe?.(textMessage('1'), subscriber(filter))).toBeNull();
    },
  );

  test('the text true is no filter but holds', async () => {
    const policy = created({ filter: '{#subscription.filter}' });
    const message = textMessage('1');
    expect(await policy.onSubscribe?.(message, subscriber('true'))).toBe(message);
  });

  test.each([
    ['{#what', /not in the table/],
    ['x'.repeat(5000), /at most 4096/],
  ])('one that cannot work is told once, and lets nothing through (%#)', async (filter, says) => {
    const log = recordingLogger();
    const ctx = fakeContext({ attributes: new Map([['filter', filter]]), log });
    const policy = created({ filter: '{#subscription.filter}' });
    expect(await policy.onSubscribe?.(textMessage('1'), ctx)).toBeNull();
    expect(await policy.onSubscribe?.(textMessage('2'), ctx)).toBeNull();
    const warnings = log.lines.filter(({ level }) => level === 'warn');
    expect(warnings).toHaveLength(1);
    expect(String(warnings[0]?.members.err)).toMatch(says);
  });
});

test('a filter that fails drops the message, or ends it with the error when asked to', async () => {
  const dropping = created({ filter: '{#fails}' });
  expect(await dropping.onPublish?.(textMessage('1'), fakeContext())).toBeNull();
  const telling = created({ filter: '{#fails}', filterMessageOnFilteringError: false });
  await expect(telling.onPublish?.(textMessage('1'), fakeContext())).rejects.toThrow('no such thing');
});

test('ackFilteredMessage false is told to have no effect', () => {
  const log = recordingLogger();
  created({ ackFilteredMessage: false }, log);
  expect(log.lines.map(({ message }) => message)).toEqual([expect.stringContaining('taken as true')]);
});
