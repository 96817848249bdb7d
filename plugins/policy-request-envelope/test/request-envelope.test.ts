import {
  fakeContext,
  fakeExpressions,
  policyConformance,
  recordingLogger,
  textMessage,
} from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import { runConformance } from '../../../test/support/conformance.js';
import requestEnvelope, { type RequestEnvelopeConfig } from '../src/index.js';

const NOTHING = { forwardMethod: false, forwardUri: false, forwardHeaders: false, forwardBody: false };
const created = (config: Partial<RequestEnvelopeConfig>) =>
  requestEnvelope.create(
    { ...NOTHING, ...config },
    { apiId: 'test', log: recordingLogger(), expressions: fakeExpressions() },
  );

describe('conformance', () => {
  runConformance(
    policyConformance({
      plugin: requestEnvelope,
      config: { forwardMethod: true },
      writesContent: () => true,
      wrong: [
        { config: { forwardBody: false }, says: /at least one of forwardMethod/ },
        { config: { forwardBody: 'perhaps' }, says: /forwardBody/ },
      ],
    }),
  );
});

/** The envelope of a request. */
async function envelopeOf(
  config: Partial<RequestEnvelopeConfig>,
  {
    content = Buffer.from('hello') as Buffer | null,
    type = '',
    uri = '/orders',
    headers = [] as [string, string[]][],
  },
) {
  const all = new Map<string, readonly string[]>(headers);
  if (type !== '') all.set('content-type', [type]);
  const query = new URLSearchParams(uri.split('?')[1] ?? '');
  const ctx = fakeContext({ request: { method: 'POST', uri, query, headers: all } });
  const message = await created(config).onPublish?.({ ...textMessage('x'), content }, ctx);
  return JSON.parse(String(message?.content)) as Record<string, unknown>;
}

test('method, URI with its arguments, and headers with their repeats but without credentials', async () => {
  const headers: [string, string[]][] = [
    ['x-one', ['1']],
    ['x-two', ['a', 'b']],
    ['authorization', ['Bearer secret']],
    ['cookie', ['secret']],
  ];
  const all = { forwardMethod: true, forwardUri: true, forwardHeaders: true };
  expect(await envelopeOf(all, { uri: '/orders?a=1&b=2&b=3&c', headers })).toEqual({
    method: 'POST',
    uri: '/orders?a=1&b=2&b=3&c',
    uri_args: { a: '1', b: ['2', '3'], c: true },
    headers: { 'x-one': '1', 'x-two': ['a', 'b'] },
  });
});

const BINARY = Buffer.from([0xff, 0x00, 0x80]);
const BOUNDARY = 'multipart/form-data; boundary=XX';
const FORM = [
  '--XX',
  'Content-Disposition: form-data; name="a"',
  '',
  '1',
  '--XX',
  'Content-Disposition: form-data; name="f"; filename="f.txt"',
  'Content-Type: text/plain',
  '',
  'file',
  '--XX--',
  '',
].join('\r\n');

test.each([
  ['text', 'text/plain; charset=utf-8', 'hello', { body: 'hello' }],
  ['XML', 'application/soap+xml', '<a/>', { body: '<a/>' }],
  ['JSON', 'application/json', '{"a":[1]}', { body: '{"a":[1]}', body_args: { a: [1] } }],
  [
    'a form',
    'application/x-www-form-urlencoded',
    'a=1&a=2&b=x',
    { body: 'a=1&a=2&b=x', body_args: { a: ['1', '2'], b: 'x' } },
  ],
  ['a form of parts', BOUNDARY, FORM, { body: FORM, body_args: { a: '1', f: 'file' } }],
  ['another type', 'application/avro', 'hello', { body: 'aGVsbG8=', body_base64: true }],
  ['no type', '', 'hello', { body: 'aGVsbG8=', body_base64: true }],
  ['text that is none', 'text/plain', BINARY, { body: BINARY.toString('base64'), body_base64: true }],
  ['an empty body', 'text/plain', '', { body: '' }],
  [
    'a name that objects have',
    'application/x-www-form-urlencoded',
    '__proto__=x',
    { body: '__proto__=x', body_args: JSON.parse('{"__proto__":"x"}') },
  ],
])('a body: %s', async (_, type, content, expected) => {
  expect(await envelopeOf({ forwardBody: true }, { type, content: Buffer.from(content) })).toEqual(expected);
});

test('a tombstone has no body', async () => {
  expect(await envelopeOf({ forwardBody: true, forwardMethod: true }, { content: null })).toEqual({
    method: 'POST',
  });
});

test.each([
  ['application/json', '{"a":'],
  ['multipart/form-data; boundary=XX', 'no parts'],
])('a body that is no %s is 400, and nothing is published', async (type, content) => {
  await expect(
    envelopeOf({ forwardBody: true }, { type, content: Buffer.from(content) }),
  ).rejects.toMatchObject({
    status: 400,
    code: 'REQUEST_BODY_INVALID',
  });
});
