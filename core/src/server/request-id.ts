import { randomFillSync } from 'node:crypto';

const ID_BYTES = 16;
const pool = Buffer.alloc(256 * ID_BYTES);
let at = pool.length;

/** An id that no other request has: 128 random bits, 32 hexadecimal digits. Bytes are drawn for 256 ids at once. */
export function newRequestId(): string {
  if (at === pool.length) {
    randomFillSync(pool);
    at = 0;
  }
  at += ID_BYTES;
  return pool.toString('hex', at - ID_BYTES, at);
}
