import { textMessage } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { callHeaders, type HeaderParts, HeaderWriter } from '../src/headers.js';

const PARTS: HeaderParts = {
  subscriptionId: 's',
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
  return pairs.filter((pair) => !pair.startsWith('webhook-'));
}

test("policies' headers come before the message's, those before the subscriber's; repeats of one source stay", () => {
  const response = new Map([['x-a', ['policy']]]);
  const subscriber = [
    { name: 'X-A', value: 'subscriber' },
    { name: 'X-B', value: 'subscriber' },
    { name: 'X-C', value: 'subscriber' },
  ];
  const message = [
    ['x-a', 'message'],
    ['X-B', 'one'],
    ['x-b', 'two'],
  ] as const;
  expect(sent(message, { response, subscriber })).toEqual([
    'x-a: policy',
    'x-b: one',
    'x-b: two',
    'x-c: subscriber',
  ]);
});

test('a content-type of the record is passed on, and none is made up', () => {
  expect(sent([['content-type', 'application/json']])).toEqual(['content-type: application/json']);
  expect(sent([])).toEqual([]);
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
