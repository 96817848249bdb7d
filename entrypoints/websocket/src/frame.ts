/** What a frame carries (RFC 6455 §5.2). */
export const OPCODE = { text: 1, binary: 2 } as const;

/** A whole unmasked frame, as a server sends one: the head of one message in one frame, then its payload. */
export function frame(opcode: number, payload: Buffer): readonly [head: Buffer, payload: Buffer] {
  const { length } = payload;
  const final = 0x80 | opcode;
  if (length < 126) return [Buffer.from([final, length]), payload];
  if (length < 65_536) return [Buffer.from([final, 126, length >> 8, length & 0xff]), payload];
  const head = Buffer.alloc(10);
  head[0] = final;
  head[1] = 127;
  head.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
  head.writeUInt32BE(length >>> 0, 6);
  return [head, payload];
}
