/** Thrown for what is no JSON, or too much of it; the message goes on from what it is about. */
export class JsonFault extends Error {}

/** @param at of the byte that cannot be there, from 0 */
export function unexpected(at: number): JsonFault {
  return new JsonFault(`is not valid JSON at byte ${at + 1}`);
}

const bytesOf = (chars: string): ReadonlySet<number> => new Set(Buffer.from(chars));
const LITERALS = new Map(
  ['true', 'false', 'null'].map((text) => [text.charCodeAt(0), Buffer.from(text)] as const),
);
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const OF_NUMBERS = bytesOf('0123456789+-.eE');
/** Longer numbers are refused: nobody means one, and no step of the scanner may take long. */
const MAX_NUMBER = 1000;
const HEXADECIMAL = bytesOf('0123456789abcdefABCDEF');
/** With the backslash, by the byte behind it. */
const ESCAPE_LENGTHS = new Map([...bytesOf('"\\/bfnrtu')].map((byte) => [byte, byte === 0x75 ? 6 : 2]));

/** The length of the number, `true`, `false` or `null` that begins at a byte. @throws JsonFault when there is none */
export function scalarLength(bytes: Buffer, at: number, to: number): number {
  const first = bytes[at] as number;
  const literal = LITERALS.get(first);
  if (literal !== undefined) {
    const end = at + literal.length;
    if (end > to || !bytes.subarray(at, end).equals(literal)) throw unexpected(at);
    return literal.length;
  }
  let end = at;
  while (end < to && OF_NUMBERS.has(bytes[end] as number)) {
    if (++end - at > MAX_NUMBER) throw new JsonFault(`has a number of more than ${MAX_NUMBER} digits`);
  }
  // Most numbers of a body that is made to be slow have one digit.
  const isDigit = end - at === 1 && first >= 0x30 && first <= 0x39;
  if (!isDigit && !NUMBER.test(bytes.toString('latin1', at, end))) throw unexpected(at);
  return end - at;
}

/** The length of the escape that begins with the backslash at a byte. @throws JsonFault when it is none */
export function escapeLength(bytes: Buffer, at: number, to: number): number {
  const length = ESCAPE_LENGTHS.get(bytes[at + 1] as number);
  if (length === undefined || at + length > to) throw unexpected(at);
  for (let digit = at + 2; digit < at + length; digit++)
    if (!HEXADECIMAL.has(bytes[digit] as number)) throw unexpected(at);
  return length;
}
