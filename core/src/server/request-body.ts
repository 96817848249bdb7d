import type { IncomingMessage } from 'node:http';
import { SluiceError } from '../contract/errors.js';

/** The bounds of a request body. */
export interface BodyLimits {
  readonly maxBodyBytes: number;
  /** For the whole body, from when it is first asked for. */
  readonly bodyTimeoutMs: number;
}

/**
 * Reads the whole body within its bounds, counting as it comes: a body that lies about its length, or has none,
 * is stopped at the same size.
 * @param goAhead lets the client send it, where it waits for that: not called for a body that is too large to begin with
 * @throws SluiceError `PAYLOAD_TOO_LARGE`, `REQUEST_BODY_TIMEOUT`, or `BAD_REQUEST` when the client breaks off
 */
export async function readBody(
  incoming: IncomingMessage,
  limits: BodyLimits,
  goAhead?: () => void,
): Promise<Buffer> {
  const announced = Number(incoming.headers['content-length'] ?? 0);
  if (announced > limits.maxBodyBytes) throw tooLarge(limits);
  goAhead?.();
  // Node parses a body that came in one packet with its head after all that the head sets going, but before this is taken
  // up: most bodies are there by now, and need neither listeners nor a timer.
  await undefined;
  const isWhole = incoming.complete || (announced > 0 && incoming.readableLength === announced);
  if (!isWhole) return await rest(incoming, limits);
  const body = (incoming.read() ?? NOTHING) as Buffer;
  if (body.length > limits.maxBodyBytes) throw tooLarge(limits);
  return body;
}

const NOTHING = Buffer.alloc(0);

/** A body that is still coming. */
function rest(incoming: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces = new Pieces();
    let size = 0;
    const timer = setTimeout(() => settle(new SluiceError('REQUEST_BODY_TIMEOUT')), limits.bodyTimeoutMs);
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > limits.maxBodyBytes) settle(tooLarge(limits));
      else if (!pieces.add(chunk))
        settle(new SluiceError('BAD_REQUEST', { message: 'The body comes in too small pieces' }));
    };
    const onEnd = () => settle();
    const onClose = () => settle(new SluiceError('BAD_REQUEST', { message: 'The body ended too early' }));
    const settle = (error?: SluiceError) => {
      clearTimeout(timer);
      incoming.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      if (error === undefined) resolve(pieces.whole(size));
      else {
        incoming.pause();
        reject(error);
      }
    };
    if (incoming.destroyed) onClose();
    else incoming.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}

/** A piece smaller than this is copied to others: an object of its own would take several times as much. */
const SMALL_BYTES = 1024;
const BLOCK_BYTES = 16 * 1024;
/** So many may be as small as they like; of more, each has 8 bytes on average. A chunk of one byte takes a parser 5 µs. */
const FREE_PIECES = 1000;
const LEAST_BYTES = 8;

/** What has come of a body. */
class Pieces {
  readonly #parts: Buffer[] = [];
  #block: Buffer = NOTHING;
  #used = 0;
  #count = 0;
  #bytes = 0;

  /** False when pieces are so many and so small that they are refused. */
  add(piece: Buffer): boolean {
    this.#bytes += piece.length;
    if (++this.#count > FREE_PIECES && this.#bytes < this.#count * LEAST_BYTES) return false;
    if (this.#count === 1 || piece.length >= SMALL_BYTES) {
      this.#close();
      this.#parts.push(piece);
      return true;
    }
    if (this.#used + piece.length > this.#block.length) {
      this.#close();
      this.#block = Buffer.allocUnsafe(BLOCK_BYTES);
    }
    piece.copy(this.#block, this.#used);
    this.#used += piece.length;
    return true;
  }

  whole(size: number): Buffer {
    this.#close();
    return this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts, size);
  }

  #close(): void {
    if (this.#used > 0) this.#parts.push(this.#block.subarray(0, this.#used));
    this.#block = this.#block.subarray(this.#used);
    this.#used = 0;
  }
}

function tooLarge({ maxBodyBytes }: BodyLimits): SluiceError {
  const message = `The body is larger than the ${maxBodyBytes} bytes this gateway accepts`;
  return new SluiceError('PAYLOAD_TOO_LARGE', { message });
}
