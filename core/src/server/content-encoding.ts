import type { IncomingHttpHeaders } from 'node:http';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { SluiceError } from '../contract/errors.js';
import { headerList } from '../contract/header-list.js';

type Decode = (bytes: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

/** Added to Node after the oldest version that this runs on. */
const { zstdDecompress } = zlib as unknown as { readonly zstdDecompress?: typeof zlib.gunzip };

const inflate = promisify(zlib.inflate) as Decode;
const inflateRaw = promisify(zlib.inflateRaw) as Decode;
const gunzip = promisify(zlib.gunzip) as Decode;

/** By the names that are registered (RFC 9110 §8.4.1). */
const DECODERS = new Map<string, Decode>([
  ['gzip', gunzip],
  // Some clients send the bare stream, without the envelope that the name stands for.
  ['deflate', (bytes, options) => (hasZlibHeader(bytes) ? inflate : inflateRaw)(bytes, options)],
  ['br', promisify(zlib.brotliDecompress) as Decode],
]);
if (zstdDecompress !== undefined) DECODERS.set('zstd', promisify(zstdDecompress) as Decode);

/** What may be sent, for `Accept-Encoding` of the refusal. */
const ACCEPTED = [...DECODERS.keys()].join(', ');
/** Codings upon each other: each may make much of little. */
const MAX_CODINGS = 2;

/**
 * The codings of a body, in the order they were applied; empty for a body that is as it is.
 * @throws SluiceError `UNSUPPORTED_CONTENT_ENCODING`
 */
export function contentCodings({ 'content-encoding': header }: IncomingHttpHeaders): readonly string[] {
  const codings = headerList(header === undefined ? [] : [header])
    .map((coding) => coding.toLowerCase().replace(/^x-(?=gzip$)/, ''))
    .filter((coding) => coding !== 'identity');
  if (codings.length <= MAX_CODINGS && codings.every((coding) => DECODERS.has(coding))) return codings;
  throw new SluiceError('UNSUPPORTED_CONTENT_ENCODING', {
    message: `A body with the Content-Encoding "${codings.join(', ').slice(0, 100)}" is not taken; what is: ${ACCEPTED}`,
    headers: { 'Accept-Encoding': ACCEPTED },
  });
}

/**
 * A body without its codings. It is decoded outside of the event loop.
 * @throws SluiceError `PAYLOAD_TOO_LARGE` when more than `maxBytes` come out, `BAD_REQUEST` when it is not what it says
 */
export async function decoded(body: Buffer, codings: readonly string[], maxBytes: number): Promise<Buffer> {
  let bytes = body;
  for (const coding of codings.toReversed()) {
    // No body is one without a message, whatever its headers say.
    if (bytes.length === 0) break;
    try {
      bytes = (await DECODERS.get(coding)?.(bytes, { maxOutputLength: maxBytes })) ?? bytes;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ERR_BUFFER_TOO_LARGE') {
        const message = `The body is larger than the ${maxBytes} bytes this gateway accepts, once it is decoded`;
        throw new SluiceError('PAYLOAD_TOO_LARGE', { message });
      }
      throw new SluiceError('BAD_REQUEST', { message: `The body is not valid ${coding}`, cause: error });
    }
  }
  return bytes;
}

/** RFC 1950 §2.2: the method is 8, and both bytes are a multiple of 31. */
function hasZlibHeader(bytes: Buffer): boolean {
  const [first = 0, second = 0] = bytes;
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
}
