import { randomBytes } from 'node:crypto';

const CRLF = '\r\n';

/** The bytes of a request, with its length where it has a body. */
export function request(
  head: string,
  headers: readonly (readonly [string, string])[] = [],
  body?: Buffer,
): Buffer {
  const all = [
    ['Host', 'gateway'],
    ...headers,
    ...(body === undefined ? [] : [['Content-Length', String(body.length)]]),
  ];
  const lines = [`${head} HTTP/1.1`, ...all.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.concat([
    Buffer.from(lines.join(CRLF) + CRLF + CRLF, 'latin1'),
    ...(body === undefined ? [] : [body]),
  ]);
}

/** A POST of a text. */
export const post = (
  body: string | Buffer,
  type = 'application/json',
  more: readonly (readonly [string, string])[] = [],
): Buffer => request('POST /', [['Content-Type', type], ['Connection', 'close'], ...more], Buffer.from(body));

/** A WebSocket frame as clients send it (RFC 6455 §5.2): masked, final unless said otherwise. */
export function frame(opcode: number, payload: Buffer, final = true): Buffer {
  const { length } = payload;
  const head =
    length < 126
      ? Buffer.from([0, 0x80 | length])
      : length < 65_536
        ? Buffer.from([0, 0x80 | 126, length >> 8, length & 255])
        : Buffer.alloc(10);
  if (length >= 65_536) {
    head[1] = 0x80 | 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  head[0] = (final ? 0x80 : 0) | opcode;
  const mask = randomBytes(4);
  const masked = Buffer.from(payload);
  for (let at = 0; at < length; at++) masked[at] = (masked[at] as number) ^ (mask[at & 3] as number);
  return Buffer.concat([head, mask, masked]);
}

/** A handshake, and frames behind it. */
export const socketOf = (frames: readonly Buffer[], protocol?: string, path = '/'): Buffer =>
  Buffer.concat([
    request(`GET ${path}`, [
      ['Connection', 'Upgrade'],
      ['Upgrade', 'websocket'],
      ['Sec-WebSocket-Version', '13'],
      ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
      ...(protocol === undefined ? [] : [['Sec-WebSocket-Protocol', protocol] as const]),
    ]),
    ...frames,
  ]);
