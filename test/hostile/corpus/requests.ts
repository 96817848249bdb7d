import { gzipSync } from 'node:zlib';
import { frame, post, request, socketOf } from './bytes.js';

/** Something a client sends that once stopped everybody, or might. */
export interface PoisonRequest {
  readonly name: string;
  readonly bytes: () => Buffer;
  /** The flows of the API it is sent to. */
  readonly flows?: readonly object[];
}

/** Just under `http.maxBodyBytes` as it is by default. */
const MOST = 10 * 1024 * 1024 - 1024;
const MIB = 1024 * 1024;
const many = (count: number, text: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => text(at)).join('');
const publish = (policy: string, configuration: object) => [{ publish: [{ policy, configuration }] }];
const validates = (schema: object) => publish('json-validation', { schema: JSON.stringify(schema) });
const adds = (text: string) =>
  publish('transform-headers', { addHeaders: [{ name: 'X-Found', value: text }] });
const READ = [
  ['Accept', 'application/json'],
  ['Prefer', 'wait=0'],
  ['Connection', 'close'],
] as const;

export const REQUESTS: readonly PoisonRequest[] = [
  { name: 'a batch of numbers', bytes: () => post(`[${'1,'.repeat(MOST / 2 - 1)}1]`) },
  { name: 'a batch of lines', bytes: () => post('1\n'.repeat(MOST / 2), 'application/x-ndjson') },
  { name: 'a batch of empty lines', bytes: () => post('\n'.repeat(MOST), 'application/x-ndjson') },
  { name: 'a batch as deep as it is long', bytes: () => post('['.repeat(MOST)) },
  { name: 'a batch of one long string', bytes: () => post(`["${'\\u0041'.repeat(MOST / 6 - 1)}"]`) },
  { name: 'a batch of one number', bytes: () => post(`[${'9'.repeat(MOST)}]`) },
  { name: 'a batch of members', bytes: () => post(`[{${many(500_000, (at) => `"${at}":1,`)}"x":1}]`) },
  {
    name: 'a body that is small until it is decoded',
    bytes: () => post(gzipSync(Buffer.alloc(200 * MIB)), 'text/plain', [['Content-Encoding', 'gzip']]),
  },
  {
    name: 'requests ahead of each other',
    bytes: () => Buffer.concat(Array<Buffer>(5000).fill(request('POST /', [], Buffer.from('x')))),
  },
  {
    name: 'streams ahead of each other',
    bytes: () => Buffer.concat(Array<Buffer>(3000).fill(request('GET /', [['Accept', 'text/event-stream']]))),
  },
  {
    name: 'many headers of one name',
    bytes: () =>
      post(
        'x',
        'text/plain',
        Array.from({ length: 900 }, () => ['X-A', 'v'] as const),
      ),
  },
  {
    name: 'a cursor of every partition there could be',
    bytes: () => {
      const cursor = Buffer.from(`t@${many(1000, (at) => `${at}#1,`)}1#1`).toString('base64url');
      return request(`GET /?cursor=${cursor}`, READ);
    },
  },
  { name: 'many parameters', bytes: () => request(`GET /?${many(4000, (at) => `${at}&`)}`, READ) },
  {
    name: 'a parameter of escapes',
    bytes: () => request(`GET /?cursor=${'%41'.repeat(4000)}`, READ),
  },
  {
    name: 'types in the thousands',
    bytes: () =>
      request('GET /', [
        ['Accept', many(1400, () => 'a/b;q=0.1,')],
        ['Connection', 'close'],
      ]),
  },
  {
    name: 'preferences in the thousands',
    bytes: () =>
      request('GET /', [
        ['Prefer', many(1400, (at) => `wait=${at};a="b",`).slice(0, 14_000)],
        ['Connection', 'close'],
      ]),
  },
  {
    name: 'encodings in the thousands',
    bytes: () => post('x', 'text/plain', [['Content-Encoding', 'gzip,'.repeat(2500)]]),
  },
  {
    name: 'an origin of spaces',
    bytes: () => request('GET /', [['Origin', `http://a${' '.repeat(14_000)}b`], ...READ]),
  },
  {
    name: 'pings',
    bytes: () => socketOf(Array<Buffer>(20_000).fill(frame(9, Buffer.from('x')))),
  },
  {
    name: 'frames of nothing',
    bytes: () => socketOf(Array<Buffer>(20_000).fill(frame(0x1, Buffer.alloc(0), true))),
  },
  {
    name: 'pieces of a frame',
    bytes: () =>
      socketOf([
        frame(1, Buffer.from('x'), false),
        ...Array<Buffer>(20_000).fill(frame(0, Buffer.from('x'), false)),
      ]),
  },
  {
    name: 'a frame as deep as it is long',
    bytes: () => socketOf([frame(1, Buffer.from('['.repeat(MIB - 1)))], 'sluice.json.v1'),
  },
  {
    name: 'frames that are wrong, by the thousand',
    bytes: () => socketOf(Array<Buffer>(20_000).fill(frame(1, Buffer.from('{'))), 'sluice.json.v1'),
  },
  {
    name: 'questions by the thousand',
    bytes: () =>
      socketOf(Array<Buffer>(20_000).fill(frame(1, Buffer.from('{"type":"ping"}'))), 'sluice.json.v1'),
  },
  {
    name: 'a header of many values',
    bytes: () =>
      socketOf(
        [
          frame(
            1,
            Buffer.from(`{"type":"publish","content":"x","headers":{"h":[${'"",'.repeat(340_000)}""]}}`),
          ),
        ],
        'sluice.json.v1',
      ),
  },
  {
    name: 'an envelope of many headers',
    bytes: () =>
      socketOf(
        [
          frame(
            1,
            Buffer.from(
              `{"type":"publish","content":"x","headers":{${many(50_000, (at) => `"h${at}":"v",`)}"h":"v"}}`,
            ),
          ),
        ],
        'sluice.json.v1',
      ),
  },
  {
    name: 'an address for a pattern',
    flows: validates({ type: 'string', pattern: '^([a-zA-Z0-9]+\\.?)+@([a-z]+\\.?)+$' }),
    bytes: () => post(JSON.stringify('a'.repeat(60_000))),
  },
  {
    name: 'an address for a longer pattern',
    flows: validates({ type: 'string', pattern: '^(?:ab|a|b)*$' }),
    bytes: () => post(JSON.stringify(`${'ab'.repeat(60_000)}!`)),
  },
  {
    name: 'items that must differ',
    flows: validates({ type: 'array', items: { type: 'object' }, uniqueItems: true }),
    bytes: () => post(`[${many(50_000, (at) => `{"a":${at}},`)}{}]`, 'text/plain'),
  },
  {
    name: 'members that no schema names',
    flows: validates({ type: 'object', patternProperties: { '^x+x+y$': {} }, additionalProperties: false }),
    bytes: () => post(`{"${'x'.repeat(20_000)}":1}`, 'text/plain'),
  },
  {
    name: 'much to check',
    flows: validates({
      type: 'array',
      items: { anyOf: [{ type: 'string' }, { type: 'object', required: ['a'] }] },
    }),
    bytes: () => post(`[${'{"a":1},'.repeat(900_000)}{}]`, 'text/plain'),
  },
  {
    name: 'much to add up',
    flows: adds('{($sum(message.json.a))}'),
    bytes: () => post(`[${many(20_000, (at) => `{"a":${at}},`)}{"a":1}]`, 'text/plain'),
  },
  {
    name: 'much to match',
    flows: adds("{#message.content.matches('(a+)+b')}"),
    bytes: () => post('a'.repeat(100_000), 'text/plain'),
  },
  {
    name: 'a pattern of its own',
    flows: adds('{#message.json.text.matches(#message.json.pattern)}'),
    bytes: () =>
      post(
        JSON.stringify({ text: `${'ab'.repeat(1500)}c`, pattern: '(?:(?:ab|a|b){0,20}){0,20}d' }),
        'text/plain',
      ),
  },
  {
    name: 'digits for a date of many parts',
    flows: adds(`{($toMillis(message.content, "${'[f]'.repeat(12)}x"))}`),
    bytes: () => post('1'.repeat(3000), 'text/plain'),
  },
  {
    name: 'much to sort',
    flows: adds('{($count($sort(message.json, function($l, $r) { $l.a > $r.a })))}'),
    bytes: () => post(`[${many(9000, (at) => `{"a":${(at * 7919) % 9000}},`)}{"a":1}]`, 'text/plain'),
  },
  {
    name: 'levels that double what there is to check',
    flows: validates({
      anyOf: [1, 2].map(() => ({ allOf: [{ properties: { a: { $ref: '#' } } }, { required: ['b'] }] })),
    }),
    bytes: () => post(`${'{"a":'.repeat(200)}1${'}'.repeat(200)}`, 'text/plain'),
  },
  {
    name: 'a name with a long way to it',
    flows: adds("{#jsonPath(#message.content, '$.a.a.a.a')}"),
    bytes: () => post(`${`{"a":`.repeat(400)}1${'}'.repeat(400)}`, 'text/plain'),
  },
  {
    name: 'content that becomes other content',
    flows: publish('json-to-json', { specification: '{ "b": a }' }),
    bytes: () => post(`[${'{"a":1},'.repeat(400_000)}{}]`, 'text/plain'),
  },
];
