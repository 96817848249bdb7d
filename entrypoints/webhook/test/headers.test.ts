import { fakeContext, textMessage } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { callHeaders, type HeaderParts, HeaderWriter } from '../src/headers.js';

const PARTS: HeaderParts = {
  subscriptionId: 's',
  ctx: fakeContext(),
  response: new Map(),
  subscriber: [],
  secrets: [],
  nowMs: 0,
};

function sent(
  headers: readonly (readonly [string, string | Buffer | null])[],
  parts: Partial<HeaderParts> = {},
  key?: Buffer,
) {
  const message = textMessage('x', {
    id: 'm',
    key: key ?? null,
    headers: headers.map(
      ([name, value]) => [name, typeof value === 'string' ? Buffer.from(value) : value] as const,
    ),
  });
  const list = callHeaders(message, { ...PARTS, ...parts });
  const pairs = list.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${list[at + 1]}`] : []));
  return pairs.filter((pair) => !/^(webhook-|user-agent|content-type: text\/plain)/.test(pair));
}

test("the subscriber's headers come before policies', those before the message's; repeats of one source stay", () => {
  const response = new Map([
    ['x-a', ['policy']],
    ['x-b', ['policy']],
  ]);
  const subscriber = [{ name: 'X-A', value: 'subscriber' }];
  const message = [
    ['x-a', 'message'],
    ['x-b', 'message'],
    ['X-C', 'one'],
    ['x-c', 'two'],
  ] as const;
  expect(sent(message, { response, subscriber })).toEqual([
    'x-a: subscriber',
    'x-b: policy',
    'x-c: one',
    'x-c: two',
  ]);
});

test('credentials in a record are not passed on, those that a plan of the API names among them', () => {
  const api = { id: 'a', name: 'a', version: '1', credentialHeaders: new Set(['x-shop-key']) };
  const names = ['X-Api-Key', 'X-Shop-Key', 'x-other'];
  expect(
    sent(
      names.map((name) => [name, 'v'] as const),
      { ctx: { api } },
    ),
  ).toEqual(['x-other: v']);
});

/** The value of one header of a call; undefined when it has none. */
function headerOf(
  name: string,
  message: Parameters<typeof callHeaders>[0],
  parts: Partial<HeaderParts> = {},
) {
  const list = callHeaders(message, { ...PARTS, ...parts });
  const values = list.filter((_, at) => at % 2 === 1 && list[at - 1] === name);
  expect(values.length).toBeLessThan(2);
  return values[0];
}

test.each([
  ['{"a":1}', 'application/json'],
  [' [1]\n', 'application/json'],
  ['{"a":1', 'text/plain; charset=utf-8'],
  ['{', 'text/plain; charset=utf-8'],
  ['  ', 'text/plain; charset=utf-8'],
  ['héllo', 'text/plain; charset=utf-8'],
  [Buffer.from([0xff]), 'application/octet-stream'],
  ['', 'application/octet-stream'],
  [null, 'application/octet-stream'],
])('without a content-type of its own %j is %s', (content, type) => {
  const message = { ...textMessage('x'), content: content === null ? null : Buffer.from(content) };
  expect(headerOf('content-type', message)).toBe(type);
});

test('a content-type of the record, or of the subscriber, is passed on; so is a user-agent', () => {
  const typed = textMessage('x', { headers: [['Content-Type', Buffer.from('application/avro')]] });
  expect(headerOf('content-type', typed)).toBe('application/avro');
  const subscriber = [
    { name: 'Content-Type', value: 'text/csv' },
    { name: 'User-Agent', value: 'mine' },
  ];
  expect(headerOf('content-type', textMessage('x'), { subscriber })).toBe('text/csv');
  expect(headerOf('user-agent', textMessage('x'), { subscriber })).toBe('mine');
  expect(headerOf('user-agent', textMessage('x'))).toMatch(/^Sluice\/\d+\.\d+\.\d+$/);
});

test('headers of the record that HTTP cannot carry are counted', () => {
  const headers: [string, Buffer | null][] = [
    ['__proto__', Buffer.from('v')],
    ['a b', Buffer.from('v')],
    ['c', Buffer.from('1\r\n2')],
    ['d', null],
    ['Cookie', Buffer.from('secret')],
  ];
  expect(headerOf('webhook-headers-left-out', textMessage('x', { headers }))).toBe('3');
  expect(headerOf('__proto__', textMessage('x', { headers }))).toBe('v');
  expect(headerOf('webhook-headers-left-out', textMessage('x'))).toBeUndefined();
});

test('what would break or forge the request is left out', () => {
  const names = [
    'Host',
    'Connection',
    'Content-Length',
    'Transfer-Encoding',
    'Expect',
    'Upgrade',
    'TE',
    'Trailer',
  ];
  const forged = ['webhook-id', 'Webhook-Signature', 'authorization', 'Cookie'];
  const odd = ['', 'a b', 'a:b', 'ä', 'a\r\nx'];
  expect(sent([...names, ...forged, ...odd].map((name) => [name, 'v'] as const))).toEqual([]);
  expect(
    sent([
      ['a', 'line\r\nend: x'],
      ['b', null],
      ['c', Buffer.from([0])],
      ['d', Buffer.from([0xe4])],
    ]),
  ).toEqual(['d: ä']);
});

test("the subscriber's authentication wins over every other source", () => {
  const subscriber = [{ name: 'Authorization', value: 'own' }];
  expect(sent([], { subscriber })).toEqual(['authorization: own']);
  expect(sent([], { subscriber, authorization: 'Bearer t' })).toEqual(['authorization: Bearer t']);
});

test('the key is carried by the header that is named, as text or, where it is none, in base64', () => {
  const keyHeader = 'X-Key';
  expect(sent([['x-key', 'forged']], { keyHeader }, Buffer.from('k1'))).toEqual(['x-key: k1']);
  expect(sent([], { keyHeader }, Buffer.from([0, 1]))).toEqual(['x-key: AAE=', 'x-key-encoding: base64']);
  expect(sent([], { keyHeader })).toEqual([]);
});

test('what a writer keeps of one call is right for the others', () => {
  const fixed = {
    ...PARTS,
    response: new Map([['x-a', ['policy']]]),
    subscriber: [
      { name: 'Authorization', value: 'own' },
      { name: 'X-Key', value: 'own' },
      { name: 'X-Key-Encoding', value: 'own' },
    ],
    keyHeader: 'x-key',
  };
  const writer = new HeaderWriter(fixed);
  const keys = [null, Buffer.from('k'), Buffer.from([0])];
  const calls = keys.flatMap((key) =>
    [undefined, 'Bearer t'].flatMap((authorization) =>
      [[], [['x-a', Buffer.from('v')] as const]].map((headers) => ({ key, authorization, headers })),
    ),
  );
  for (const { key, authorization, headers } of [...calls, ...calls]) {
    const message = textMessage('x', { id: 'm', key, headers });
    const given = authorization === undefined ? {} : { authorization };
    expect(writer.of(message, authorization, 0)).toEqual(callHeaders(message, { ...fixed, ...given }));
  }
});
