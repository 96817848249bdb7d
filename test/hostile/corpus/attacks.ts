import { gzipSync } from 'node:zlib';
import type { Wave } from '../attacker.js';
import { frame, request, socketOf } from './bytes.js';

/** Something that clients do all at once, again and again. Each wave is of bytes that cost the attacker next to nothing. */
export interface Attack {
  readonly name: string;
  readonly waves: () => readonly Wave[];
  /** The statuses that it may be answered, and must at least once; none where it reads nothing. */
  readonly answered?: RegExp;
  /** The port it is played to; that of the APIs when absent. */
  readonly port?: 'admin';
}

const MIB = 1024 * 1024;
/** Just under `http.maxBodyBytes` as it is by default. */
const MOST = 10 * MIB - 1024;
const CLOSE = ['Connection', 'close'] as const;
const JSON_TYPE = ['Content-Type', 'application/json'] as const;
type Header = readonly [string, string];

const post = (path: string, body: string | Buffer, ...headers: readonly Header[]) =>
  request(`POST ${path}`, [CLOSE, ...headers], Buffer.from(body));
const get = (path: string, ...headers: readonly Header[]) => request(`GET ${path}`, headers);
const times = (count: number, bytes: Buffer) => Buffer.concat(Array<Buffer>(count).fill(bytes));
const list = <T>(count: number, item: (at: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => item(at));
const raw = (...lines: readonly string[]) => Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');

/** A few connections that read what is answered. */
const reads = (bytes: Buffer, connections = 2, restMs = 50): Wave => ({
  bytes,
  connections,
  restMs,
  manner: 'reads',
});
/** Some that are reset as soon as all is written. */
const leaves = (bytes: Buffer, connections: number): Wave => ({
  bytes,
  connections,
  restMs: 150,
  manner: 'leaves',
});
const HANDSHAKE: readonly Header[] = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
];
const STREAM: Header = ['Accept', 'text/event-stream'];
const items = (bytes: number) =>
  `{"items":[${list(Math.floor(bytes / 40), (n) => `{"n":${n},"text":"the text of ${n}"}`)}]}`;

export const ATTACKS: readonly Attack[] = [
  {
    name: 'handshakes whose line feeds a template echoes',
    answered: /^418$/,
    waves: () =>
      ['a%0Ab', 'a%0D%0AX-Evil:%201', 'a%00b'].flatMap((q) => [
        reads(get(`/echo?q=${q}`, ...HANDSHAKE), 4),
        reads(get(`/echo?q=${q}`, CLOSE), 4),
      ]),
  },
  {
    name: 'floods of upgrades',
    answered: /^(101|400|404|426|2..)$/,
    waves: () => [
      leaves(get('/events', ...HANDSHAKE), 50),
      reads(get('/none', ...HANDSHAKE), 5),
      reads(get('/events', ['Connection', 'Upgrade, HTTP2-Settings'], ['Upgrade', 'h2c']), 5),
      reads(get('/events', ['Connection', 'Upgrade'], ['Upgrade', 'x,'.repeat(7000)]), 5),
      reads(times(500, get('/events', ...HANDSHAKE)), 2),
    ],
  },
  {
    name: 'frames of nothing, pings and pieces',
    answered: /^101$/,
    waves: () => [
      reads(socketOf(Array<Buffer>(20_000).fill(frame(9, Buffer.from('x'))), undefined, '/events'), 2),
      reads(socketOf(Array<Buffer>(20_000).fill(frame(0, Buffer.from('x'), false)), undefined, '/events'), 2),
    ],
  },
  {
    name: 'large records that are read in each format again and again',
    answered: /^(200|101)$/,
    waves: () => [
      ...['application/json', 'application/xml', 'text/plain'].map((type) =>
        reads(get('/poison', ['Accept', type], CLOSE), 1, 200),
      ),
      reads(get('/poison', STREAM), 1, 200),
      reads(socketOf([], undefined, '/poison'), 1, 200),
      reads(socketOf([], 'sluice.json.v1', '/poison'), 1, 200),
      { bytes: get('/poison', STREAM), connections: 5, manner: 'deaf', restMs: 100 },
    ],
  },
  {
    name: 'batches of ten megabytes',
    // A batch of empty lines has no message.
    answered: /^(202|400|413)$/,
    waves: () => [
      reads(post('/events', `[${'1,'.repeat(MOST / 2 - 1)}1]`, JSON_TYPE), 1),
      reads(post('/events', '\n'.repeat(MOST), ['Content-Type', 'application/x-ndjson']), 1),
      reads(post('/events', '['.repeat(MOST), JSON_TYPE), 1),
      reads(post('/events', `[${'9'.repeat(MOST)}]`, JSON_TYPE), 1),
    ],
  },
  {
    name: 'bodies that are small until they are decoded',
    answered: /^413$/,
    waves: () => [
      reads(post('/events', gzipSync(Buffer.alloc(200 * MIB)), ['Content-Encoding', 'gzip']), 4),
      reads(
        post('/events', gzipSync(gzipSync(Buffer.alloc(200 * MIB))), ['Content-Encoding', 'gzip, gzip']),
        4,
      ),
    ],
  },
  {
    name: 'contents that a check has much work with',
    answered: /^(202|400|413)$/,
    waves: () => [
      reads(post('/address', JSON.stringify(`${'a'.repeat(60_000)}@${'a.'.repeat(100)}!`)), 2),
      reads(post('/unique', `[${list(50_000, (at) => `{"a":${at}}`)}]`, ['Content-Type', 'text/plain']), 2),
      reads(
        post(
          '/pattern',
          JSON.stringify({ text: `${'ab'.repeat(1500)}c`, pattern: '(?:(?:ab|a|b){0,20}){0,20}d' }),
          ['Content-Type', 'text/plain'],
        ),
        2,
      ),
    ],
  },
  {
    name: 'contents of 144 KiB and 4 MiB for a mapping',
    answered: /^(202|413|503)$/,
    waves: () => [
      reads(post('/mapped', items(144 * 1024), ['Content-Type', 'text/plain']), 4),
      reads(post('/mapped', items(4 * MIB - 4096), ['Content-Type', 'text/plain']), 2),
    ],
  },
  {
    name: '3,000 streams in one write, 10,000 posts in another',
    answered: /^(200|202)$/,
    waves: () => [
      reads(times(3000, get('/events', STREAM)), 2),
      reads(times(10_000, request('POST /events', [], Buffer.from('x'))), 1),
    ],
  },
  {
    name: 'connections that are closed with answers due',
    waves: () => [
      leaves(times(1000, request('POST /events', [], Buffer.from('x'))), 2),
      leaves(times(1000, get('/events', ['Accept', 'application/json'])), 2),
      leaves(get('/events', STREAM), 20),
    ],
  },
  {
    name: 'clients that never read',
    waves: () => [
      { bytes: get('/events', STREAM), connections: 300, manner: 'deaf', restMs: 100 },
      { bytes: socketOf([], undefined, '/events'), connections: 100, manner: 'deaf', restMs: 100 },
      { bytes: times(10_000, get('/none')), connections: 5, manner: 'deaf', restMs: 100 },
    ],
  },
  {
    name: 'topics and attributes that clients invent',
    answered: /^(202|40[034]|429|50[234])$/,
    waves: () => [
      {
        ...reads(
          Buffer.concat(
            list(100, (at) => request('POST /chosen', [['X-Topic', `chosen-${at}`]], Buffer.from('x'))),
          ),
        ),
        connections: 4,
      },
      reads(
        Buffer.concat(
          list(500, (at) => request('POST /chosen', [['X-Topic', `other-${at}`]], Buffer.from('x'))),
        ),
      ),
      reads(Buffer.concat(list(2000, (at) => get(`/none-${at}?x=${at}`)))),
    ],
  },
  {
    name: 'pages of others at the management port',
    port: 'admin',
    answered: /^403$/,
    waves: () =>
      ['/apis', '/metrics', '/health/details', '/apis/pushed/subscriptions'].map((path) =>
        reads(
          raw(
            `GET ${path} HTTP/1.1`,
            'Host: localhost',
            'Origin: https://attacker.example',
            'Connection: close',
          ),
          5,
          10,
        ),
      ),
  },
  {
    name: 'headers by the thousand, and transfers that nobody knows',
    answered: /^(400|413|431|501|505)$/,
    waves: () => [
      reads(get('/events', ...list(2000, (): Header => ['a', 'v'])), 10, 10),
      reads(get('/events', ['X-A', 'v'.repeat(100_000)]), 10, 10),
      reads(raw('POST /events HTTP/1.0', 'Transfer-Encoding: chunked', '', '1', 'x', '0'), 5, 10),
      reads(raw('POST /events HTTP/1.1', 'Host: a', 'Transfer-Encoding: x', '', 'x'), 5, 10),
      reads(raw('POST /events HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked, gzip', '', 'x'), 5, 10),
    ],
  },
  {
    name: '2,000 connections that are opened at once and reset',
    waves: () => [{ connections: 2000, manner: 'leaves', restMs: 1000 }],
  },
  {
    name: '1,000 half-open connections and 500 slow bodies',
    waves: () => {
      const head = raw('POST /events HTTP/1.1', 'Host: a', 'Content-Length: 1000');
      return [
        { connections: 500, manner: 'deaf', restMs: 100 },
        { bytes: head.subarray(0, 40), connections: 500, manner: 'deaf', restMs: 100 },
        {
          bytes: Buffer.concat([head, Buffer.alloc(1000)]),
          connections: 500,
          manner: 'trickles',
          at: head.length,
          restMs: 100,
        },
      ];
    },
  },
];
