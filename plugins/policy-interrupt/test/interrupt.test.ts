import {
  fakeContext,
  fakeExpressions,
  policyConformance,
  recordingLogger,
  textMessage,
} from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import { runConformance } from '../../../test/support/conformance.js';
import interrupt, { type InterruptConfig } from '../src/index.js';

const expressions = fakeExpressions({
  'no {#exchange}': async (ctx) => `no ${String(ctx.attributes.get('exchange'))}`,
  '{#content}': (_ctx, message) => message?.content?.toString(),
  '{#object}': () => ({ code: 7 }),
});
const created = (config: Partial<InterruptConfig> = {}) =>
  interrupt.create(
    { errorKey: 'NO_ENTRY', message: '{#content}', statusCode: 412, variables: [], ...config },
    { apiId: 'test', log: recordingLogger(), expressions },
  );

describe('conformance', () => {
  runConformance(
    policyConformance({
      plugin: interrupt,
      config: { errorKey: 'NO_ENTRY', message: 'no {#exchange}', variables: [{ name: 'a', value: 'b' }] },
      expressions,
      passes: () => false,
      withoutDefault: ['scope', 'contentType'],
      wrong: [
        { config: { statusCode: 200 }, says: /statusCode/ },
        { config: { errorKey: '' }, says: /errorKey/ },
        { config: { message: '{#what' }, says: /\{#what/ },
        { config: { contentType: 'text/plain\r\nx: y' }, says: /contentType/ },
      ],
    }),
  );
});

test.each(['onPublish', 'onSubscribe'] as const)(
  '%s: the message ends with key, status and text',
  async (phase) => {
    const run = async () =>
      created({ contentType: 'text/plain' })[phase]?.(textMessage('go away'), fakeContext());
    await expect(run()).rejects.toMatchObject({
      key: 'POLICY_INTERRUPTED',
      code: 'NO_ENTRY',
      status: 412,
      message: 'go away',
      contentType: 'text/plain',
    });
  },
);

test.each(['onRequest', 'onResponse'] as const)(
  '%s: the request ends with key, status and text',
  async (phase) => {
    const ctx = fakeContext();
    const run = async (message: string) => created({ message })[phase]?.(ctx, ctx.response);
    await expect(run('no')).rejects.toMatchObject({ code: 'NO_ENTRY', status: 412, message: 'no' });
    await expect(run('{#content}')).rejects.toMatchObject({ message: '' });
    await expect(run('{#object}')).rejects.toMatchObject({ message: '{"code":7}' });
  },
);
