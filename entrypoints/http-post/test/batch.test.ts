import { type Message, SluiceError } from '@sluice/core';
import { fakeContext, fakeHost, faultyEndpoint, recordingLogger } from '@sluice/core/testing';
import httpPost from '@sluice/entrypoint-http-post';
import { describe, expect, test } from 'vitest';
import { fc } from '../../../test/support/property.js';

const CONFIG = {
  requestHeadersToMessage: false,
  successStatus: 201,
  receipt: true,
  batches: ['ndjson', 'json-array'],
  maxBatchMessages: 5,
};

async function post(
  body: string | Buffer,
  type: string,
  config: object = {},
  refuse?: (message: Message) => SluiceError | undefined,
) {
  const endpoint = faultyEndpoint([], refuse === undefined ? {} : { refusePublish: refuse });
  const ctx = fakeContext({ request: { method: 'POST', headers: new Map([['content-type', [type]]]) } });
  const host = fakeHost({ endpoint, ctx, qos: 'balanced', body: Buffer.from(body) });
  const entrypoint = httpPost.create({ ...CONFIG, ...config }, { apiId: 'test', log: recordingLogger() });
  const response = await entrypoint.handle(ctx, host);
  if (!('body' in response) && !('status' in response)) throw new Error('not complete');
  const { status, headers, body: text } = response as { status: number; headers?: object; body?: string };
  return {
    status,
    headers,
    json: text === undefined ? undefined : JSON.parse(text),
    contents: endpoint.offered.map(({ content }) => String(content)),
  };
}
const NDJSON = 'application/x-ndjson; charset=utf-8';
const JSON_TYPE = 'application/json';

test('a receipt says where the message is', async () => {
  const { status, headers, json } = await post('x', 'text/plain');
  expect([status, headers, json]).toEqual([
    201,
    { 'Content-Type': 'application/json' },
    { storedAt: [{ topic: 'memory', partition: 0, offset: 0, id: 'memory@0#0' }] },
  ]);
});

describe('a body of several messages', () => {
  test.each([
    ['lines', '{"a":1}\n\n  [2]\r\n"x"\n', NDJSON, ['{"a":1}', '  [2]', '"x"']],
    ['a line without an end', '1', NDJSON, ['1']],
    ...['ndjson', 'jsonl', 'x-jsonl', 'jsonlines', 'x-jsonlines', 'json-lines'].map(
      (name): [string, string, string, string[]] => [
        `lines of ${name}`,
        '1\n2',
        `application/${name}`,
        ['1', '2'],
      ],
    ),
    [
      'items, as they stand there',
      '[ {"a": 1e2} ,12345678901234567890, "é\\u0000", [1,[2]], null ]',
      JSON_TYPE,
      ['{"a": 1e2}', '12345678901234567890', '"é\\u0000"', '[1,[2]]', 'null'],
    ],
    ['no items', '[]', JSON_TYPE, []],
    ['a JSON value that is no array', '{"a":[1,2]}', JSON_TYPE, ['{"a":[1,2]}']],
    ['an array of another type', '[1,2]', 'application/vnd.x+json', ['[1,2]']],
  ])('%s', async (_, body, type, contents) => {
    expect((await post(body, type)).contents).toEqual(contents);
  });

  test('is one message where the option is off', async () => {
    expect((await post('[1,2]', JSON_TYPE, { batches: ['ndjson'] })).contents).toEqual(['[1,2]']);
    expect((await post('1\n2', NDJSON, { batches: [] })).contents).toEqual(['1\n2']);
  });

  test.each([
    ['1\n{"a":\n3', NDJSON, { key: 'INVALID_BATCH', message: 'Invalid batch: line 2 is not valid JSON' }],
    ['[1,]', JSON_TYPE, { key: 'INVALID_BATCH', message: 'Invalid batch: the body is not valid JSON' }],
    ['[1] 2', JSON_TYPE, { key: 'INVALID_BATCH' }],
    [Buffer.from('["é"]', 'latin1'), JSON_TYPE, { key: 'INVALID_BATCH', message: /not UTF-8/ }],
    [Buffer.from('1\n"é"', 'latin1'), NDJSON, { key: 'INVALID_BATCH', message: /line 2 is not UTF-8/ }],
    ['[1,2,3,4,5,6]', JSON_TYPE, { key: 'BATCH_TOO_LARGE', status: 413 }],
  ])('%j is refused whole', async (body, type, error) => {
    const { message = '', ...rest } = error as { message?: string | RegExp };
    await expect(post(body, type)).rejects.toMatchObject({
      ...rest,
      message: expect.stringMatching(message),
    });
  });

  test('that is one message keeps its bytes, whatever they are', async () => {
    const bytes = Buffer.from('{"a":"é"}', 'latin1');
    const endpoint = faultyEndpoint([]);
    const headers = new Map([['content-type', ['application/json; charset=iso-8859-1']]]);
    const ctx = fakeContext({ request: { method: 'POST', headers } });
    const host = fakeHost({ endpoint, ctx, qos: 'balanced', body: bytes });
    await httpPost.create(CONFIG, { apiId: 'test', log: recordingLogger() }).handle(ctx, host);
    expect(endpoint.offered.map(({ content }) => content)).toEqual([bytes]);
  });

  test('arrives item for item, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue(), { maxLength: 5 }), async (values) => {
        const array = await post(JSON.stringify(values, null, 1), JSON_TYPE);
        expect(array.contents.map((text) => JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(values)));
        const lines = await post(values.map((value) => JSON.stringify(value)).join('\n'), NDJSON);
        expect(lines.contents).toEqual(values.map((value) => JSON.stringify(value)));
      }),
    );
  });
});

describe('the answer to several messages', () => {
  const tooLarge = (of: string) => (message: Message) =>
    of.includes(String(message.content)) ? new SluiceError('MESSAGE_TOO_LARGE') : undefined;

  test('has a result for each', async () => {
    const { status, json } = await post('[1,2]', JSON_TYPE);
    expect(status).toBe(201);
    expect(json.results).toEqual(
      [0, 1].map((offset) => ({
        status: 201,
        storedAt: [{ topic: 'memory', partition: 0, offset, id: `memory@0#${offset}` }],
      })),
    );
  });

  test('is 207 when some are stored, and says which are not', async () => {
    const { status, json } = await post('[1,2,3]', JSON_TYPE, {}, tooLarge('2'));
    expect(status).toBe(207);
    expect(json.results.map((result: { status: number }) => result.status)).toEqual([201, 413, 201]);
    expect(json.results[1].error).toMatchObject({ key: 'MESSAGE_TOO_LARGE', retryable: false });
  });

  test('is the status of the failure when none is', async () => {
    expect((await post('[1,2]', JSON_TYPE, {}, tooLarge('12'))).status).toBe(413);
    const away = await post('[1]', JSON_TYPE, {}, () => new SluiceError('ENDPOINT_UNAVAILABLE'));
    expect([away.status, away.headers]).toEqual([
      503,
      { 'Retry-After': '1', 'Content-Type': 'application/json' },
    ]);
  });
});
