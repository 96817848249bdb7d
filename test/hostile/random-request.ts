import { fc } from '../support/property.js';

const METHODS = [
  ...Array<string>(10).fill('GET'),
  ...Array<string>(10).fill('POST'),
  'OPTIONS',
  'HEAD',
  'PUT',
  'DELETE',
  'get',
  'BREW',
];
const PATHS = [
  ...Array<string>(30).fill('/fuzz'),
  '/fuzz/',
  '/fuzz/%2e%2e',
  '/fuzz/%ff%00',
  '//fuzz',
  '*',
  '/fuzz?',
  'http://a/fuzz',
  '/fuzz\\x',
];
const PARAMETERS = [
  'cursor',
  'limit',
  'since',
  'api-key',
  'access_token',
  '__proto__',
  'x',
  'messagesLimitCount',
];
const NAMES = [
  ...[
    'Accept',
    'Accept-Encoding',
    'Content-Type',
    'Content-Encoding',
    'Prefer',
    'Last-Event-ID',
    'Origin',
    'Host',
  ],
  ...[
    'Connection',
    'Upgrade',
    'Sec-WebSocket-Version',
    'Sec-WebSocket-Key',
    'Sec-WebSocket-Protocol',
    'Expect',
  ],
  ...[
    'Transfer-Encoding',
    'X-Request-Id',
    'traceparent',
    'Authorization',
    'X-Gravitee-Client-Identifier',
    '__proto__',
    'TE',
  ],
];
const VALUES = [
  ...[
    '*/*',
    'text/event-stream',
    'application/json',
    'application/xml;q=0',
    'application/x-ndjson',
    'websocket',
    'Upgrade',
  ],
  ...[
    '13',
    'dGhlIHNhbXBsZSBub25jZQ==',
    'gzip',
    'gzip, br',
    'chunked',
    '100-continue',
    'close',
    'wait=1',
    'Bearer a.b.c',
  ],
  ...['null', '-1', '1e999', '', ';;;,,,', '{#request.headers}', 'sluice.json.v1', '00-0-0-0'],
];
const BODIES = ['', '[]', '[1,[2,{"a":null}]]', '{"a":', '\n\n\n', '{"__proto__":1}\n{"a":2}', '[', '1\r\n2'];

const word = (known: readonly string[]) =>
  fc.oneof(
    { weight: 40, arbitrary: fc.constantFrom(...known) },
    fc.string({ unit: 'binary', maxLength: 40 }),
  );
const clean = (text: string) => text.replaceAll(/[\r\n]/g, '');

const target = fc
  .tuple(word(PATHS), fc.array(fc.tuple(word(PARAMETERS), word(VALUES)), { maxLength: 3 }))
  .map(([path, query]) =>
    [path, ...query.map(([name, value]) => new URLSearchParams([[name, value]]).toString())]
      .join('&')
      .replace('&', '?'),
  );

/** The bytes of a request: mostly such as a client sends, each part of it now and then such as none does. */
export const randomRequest: fc.Arbitrary<Buffer> = fc
  .record({
    method: word(METHODS),
    target,
    version: fc.constantFrom(...Array<string>(18).fill('HTTP/1.1'), 'HTTP/1.0', 'HTTP/2'),
    headers: fc.array(fc.tuple(word(NAMES), word(VALUES)), { maxLength: 4 }),
    body: fc.oneof(
      word(BODIES).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 200 }).map(Buffer.from),
    ),
    length: fc.boolean(),
  })
  .map(({ method, target: at, version, headers, body, length }) => {
    const lines = [
      `${method} ${at} ${version}`,
      'Host: gateway',
      ...headers.map(([name, value]) => `${name}: ${value}`),
      ...(length ? [`Content-Length: ${body.length}`] : []),
    ];
    return Buffer.concat([Buffer.from(`${lines.map(clean).join('\r\n')}\r\n\r\n`, 'latin1'), body]);
  });
