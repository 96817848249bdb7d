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
import jsonToJson from '../src/index.js';

const json = (content: unknown) => JSON.parse(String(content)) as { readonly n?: number };
const expressions = fakeExpressions({
  '{(message.json.({ "number": n }))}': async (ctx, message) => ({
    number: json(message?.content).n,
    exchange: ctx.attributes.get('exchange'),
  }),
  '{(message.json.(none))}': () => undefined,
  '{(message.json.($error("no")))}': () => {
    throw new Error('no');
  },
});
const created = (specification = '{ "number": n }', overrideContentType = true) =>
  jsonToJson.create(
    { specification, overrideContentType },
    { apiId: 'test', log: recordingLogger(), expressions },
  );
const PHASES = ['onPublish', 'onSubscribe'] as const;

describe('conformance', () => {
  const isJson = (content: Buffer | null) => content !== null && /^\{.*\}$/.test(content.toString());
  runConformance(
    policyConformance({
      plugin: jsonToJson,
      config: { specification: '{ "number": n }' },
      passes: ({ content }) => content === null || isJson(content),
      writesContent: ({ content }) => isJson(content),
      headers: ['content-type'],
      expressions,
      withoutDefault: ['scope'],
      wrong: [
        { config: {}, says: /"specification" is missing/ },
        { config: { specification: '{ "a" ' }, says: /not in the table/ },
        {
          config: { specification: '[{"operation":"shift","spec":{"a":"b"}}]' },
          says: /JOLT specification \(operation "shift"\).*JSONata/,
        },
        { config: { specification: '{"operation":"default","spec":{}}' }, says: /JOLT.*"default"/ },
      ],
    }),
  );
});

describe.each(PHASES)('%s', (phase) => {
  const headers: readonly MessageHeader[] = [
    ['content-type', Buffer.from('text/plain')],
    ['x', null],
  ];
  const run = async (policy: ReturnType<typeof created>, content = '{"n":1}') =>
    policy[phase]?.(textMessage(content, { headers }), fakeContext());

  test('the content is its mapping, and its type JSON', async () => {
    const message = await run(created());
    expect(message?.content?.toString()).toBe('{"number":1}');
    expect(message?.headers).toEqual([
      ['x', null],
      ['Content-Type', Buffer.from('application/json')],
    ]);
  });

  test('the type stays when asked to', async () => {
    expect((await run(created(undefined, false)))?.headers).toEqual(headers);
  });

  test('a mapping that fails or gives nothing ends the message with 500', async () => {
    await expect(run(created('none'))).rejects.toMatchObject({ status: 500 });
    await expect(run(created('$error("no")'))).rejects.toThrow('no');
  });

  test('what is not JSON is the fault of who sent it', async () => {
    const [code, status] =
      phase === 'onPublish' ? ['JSON_INVALID_PAYLOAD', 400] : ['JSON_INVALID_RESPONSE_PAYLOAD', 500];
    await expect(run(created(), '{"n":')).rejects.toMatchObject({ code, status });
    await expect(run(created(), '')).rejects.toMatchObject({ code, status });
  });
});

test('a mapping that makes a member "operation" is no JOLT', () => {
  expect(() => created('{ "operation": n }')).toThrow(/not in the table/);
});
