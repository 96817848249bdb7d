import type { MessageHeader } from '@sluice/core';

/** The length of a value that is null. */
const NULL_VALUE = -1;
/** Before a name and its value: the bytes of both, as 32-bit numbers, little end first. */
const HEAD_BYTES = 8;

/**
 * The headers of a record, as our patch of node-rdkafka packs them: they are taken apart when somebody asks for them, which
 * most readers do not. Values share the memory of `packed`. None without it.
 * @param most how many are taken apart; all when absent
 */
export function unpackHeaders(packed: Buffer | undefined, most = Number.POSITIVE_INFINITY): MessageHeader[] {
  const headers: MessageHeader[] = [];
  if (packed === undefined) return headers;
  for (let at = 0; at < packed.length && headers.length < most; ) {
    const nameEnd = at + HEAD_BYTES + packed.readInt32LE(at);
    const length = packed.readInt32LE(at + 4);
    const name = packed.toString('utf8', at + HEAD_BYTES, nameEnd);
    at = length === NULL_VALUE ? nameEnd : nameEnd + length;
    headers.push([name, length === NULL_VALUE ? null : packed.subarray(nameEnd, at)]);
  }
  return headers;
}

/** How many headers are packed. */
export function countHeaders(packed: Buffer | undefined): number {
  let count = 0;
  if (packed === undefined) return count;
  for (let at = 0; at < packed.length; count++) {
    at += HEAD_BYTES + packed.readInt32LE(at) + Math.max(0, packed.readInt32LE(at + 4));
  }
  return count;
}
