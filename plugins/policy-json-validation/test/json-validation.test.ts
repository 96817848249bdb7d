import {
  fakeContext,
  fakeExpressions,
  policyConformance,
  recordingLogger,
  textMessage,
} from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import { runConformance } from '../../../test/support/conformance.js';
import type { JsonValidationConfig } from '../src/config.js';
import jsonValidation from '../src/index.js';

const expressions = fakeExpressions({
  '{#error}': async (ctx, message) => ({ exchange: ctx.attributes.get('exchange'), id: message?.id }),
});
const SCHEMA = {
  type: 'object',
  required: ['n'],
  properties: { n: { type: 'integer' }, when: { format: 'date-time' } },
};
const created = (schema: unknown, config: Partial<JsonValidationConfig> = {}) =>
  jsonValidation.create(
    {
      schema: JSON.stringify(schema),
      errorContentType: 'application/json',
      straightRespondMode: false,
      ...config,
    },
    { apiId: 'test', log: recordingLogger(), expressions },
  );
const draft = (uri: string, rest: object = {}) => ({ $schema: uri, ...rest });
const wrong = (schema: unknown, says: RegExp) => ({
  config: { schema: typeof schema === 'string' ? schema : JSON.stringify(schema) },
  says,
});

describe('conformance', () => {
  runConformance(
    policyConformance({
      plugin: jsonValidation,
      config: { schema: JSON.stringify(SCHEMA), errorMessage: '{#error}' },
      expressions,
      passes: ({ content }) => content === null || /^\{.*\}$/.test(content.toString()),
      withoutDefault: [
        'scope',
        'schema',
        'schemaSource.staticSchema',
        'schemaSource.resourceName',
        'schemaSource.schemaMapping',
        'errorMessage',
      ],
      wrong: [
        { config: {}, says: /"schema" is missing/ },
        {
          config: { schemaSource: { sourceType: 'SCHEMA_REGISTRY_RESOURCE' } },
          says: /give the schema itself/,
        },
        { config: { schemaSource: { sourceType: 'STATIC_SCHEMA' } }, says: /"schema" is missing/ },
        wrong('{"type":', /not valid JSON/),
        wrong('[]', /is an object, true or false/),
        wrong({ type: 'strung' }, /schema/),
        wrong({ $ref: 'https://example.com/other.json' }, /example\.com\/other/),
        wrong({ $async: true }, /\$async/),
        wrong(draft('http://json-schema.org/draft-04/schema#'), /draft-04.*write it as draft-07: "\$id"/),
        wrong(draft('https://example.com/mine'), /draft-07, draft 2019-09 and draft 2020-12 are supported$/),
        { config: { schema: 'true', errorMessage: '{#what' }, says: /\{#what/ },
        { config: { schema: 'true', errorContentType: 'a\nb' }, says: /errorContentType/ },
      ],
    }),
  );
});

const refused = async (content: string | Buffer, config: Partial<JsonValidationConfig> = {}) => {
  const message = { ...textMessage(''), content: Buffer.from(content as string) };
  return created(SCHEMA, config).onPublish?.(
    message,
    fakeContext({ attributes: new Map([['exchange', 1]]) }),
  );
};

test('published: 400 with the first thing that is wrong', async () => {
  const error = { key: 'POLICY_INTERRUPTED', code: 'JSON_INVALID_PAYLOAD', status: 400 };
  const about = (text: string) => ({ ...error, message: `The content does not match its schema: ${text}` });
  await expect(refused('{"n":"x"}')).rejects.toMatchObject(about('/n must be integer'));
  await expect(refused('{}')).rejects.toMatchObject(about("it must have required property 'n'"));
  await expect(refused('{"n":')).rejects.toMatchObject({
    ...error,
    message: 'The content is not valid JSON',
  });
  await expect(refused('')).rejects.toMatchObject(error);
  await expect(refused(Buffer.from([0x22, 0xff, 0x22]))).rejects.toMatchObject(error);
});

test('a text of the definition is sent as it is, with its type', async () => {
  const errorMessage = '{#error}';
  const found = { message: '{"exchange":1,"id":""}', contentType: 'application/json', status: 400 };
  await expect(refused('{}', { errorMessage })).rejects.toMatchObject(found);
});

test('to a subscriber: 500, or handed on when asked to', async () => {
  const message = textMessage('{}');
  const run = async () => created(SCHEMA).onSubscribe?.(message, fakeContext());
  await expect(run()).rejects.toMatchObject({ code: 'JSON_INVALID_RESPONSE_PAYLOAD', status: 500 });
  const straight = created(SCHEMA, { straightRespondMode: true });
  expect(await straight.onSubscribe?.(message, fakeContext())).toBe(message);
});

test.each([
  [undefined, { items: [{ type: 'integer' }] }],
  ['http://json-schema.org/draft-07/schema#', { items: [{ type: 'integer' }] }],
  ['http://json-schema.org/draft-07/schema', { items: [{ type: 'integer' }] }],
  ['https://json-schema.org/draft/2019-09/schema', { items: [{ type: 'integer' }] }],
  ['https://json-schema.org/draft/2020-12/schema', { prefixItems: [{ type: 'integer' }] }],
])('the keywords of the draft it names: %s', async (uri, rest) => {
  const policy = created({ ...(uri === undefined ? {} : draft(uri)), ...rest });
  const fits = textMessage('[1]');
  expect(await policy.onPublish?.(fits, fakeContext())).toBe(fits);
  await expect((async () => policy.onPublish?.(textMessage('["x"]'), fakeContext()))()).rejects.toThrow('/0');
});

test('two schemas with the same $id do not meet', () => {
  created({ $id: 'https://example.com/a' });
  created({ $id: 'https://example.com/a' });
});

test('the schema as newer definitions have it', async () => {
  const schemaSource = { sourceType: 'STATIC_SCHEMA', staticSchema: '{"type":"string"}' };
  const policy = created(SCHEMA, { schemaSource });
  const fits = textMessage('"x"');
  expect(await policy.onPublish?.(fits, fakeContext())).toBe(fits);
});
