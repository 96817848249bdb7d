/** How a pattern is written: as Java reads it, or as JavaScript does. */
export type Dialect = 'java' | 'javascript';

/** Code points from the first to the last, in order. */
export type Ranges = readonly (readonly [first: number, last: number])[];

const MAX_CODE_POINT = 0x10ffff;

/** The ranges of a text of characters and pairs such as `a-z`, which stand beside each other in order. */
const ranges = (text: string): Ranges =>
  Array.from(text.matchAll(/(.)(?:-(.))?/gsu), ([, first = '', last = first]) => [
    first.codePointAt(0) ?? 0,
    last.codePointAt(0) ?? 0,
  ]);

const LINE_ENDS = ranges('\n\r\u2028\u2029');
const HORIZONTAL = ranges('\t \u00a0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000');
const VERTICAL = ranges('\n-\r\u0085\u2028\u2029');

/** What `.` does not match. */
export const NOT_ANY: Readonly<Record<Dialect, Ranges>> = {
  java: ranges('\n\r\u0085\u2028\u2029'),
  javascript: LINE_ENDS,
};

/** What an escape of a letter stands for, where RE2 has not the same under that letter. */
export const LETTER_SETS: Readonly<Record<Dialect, Readonly<Record<string, Ranges>>>> = {
  java: { s: ranges('\t-\r '), h: HORIZONTAL, v: VERTICAL },
  javascript: {
    s: ranges('\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff'),
  },
};

/** Java's classes of ASCII. */
export const ASCII_CLASSES: Readonly<Record<string, Ranges>> = {
  Alpha: ranges('A-Za-z'),
  Alnum: ranges('0-9A-Za-z'),
  ASCII: [[0, 0x7f]],
  Blank: ranges('\t '),
  Cntrl: [
    [0, 0x1f],
    [0x7f, 0x7f],
  ],
  Digit: ranges('0-9'),
  Graph: ranges('!-~'),
  Lower: ranges('a-z'),
  Print: ranges(' -~'),
  Punct: [
    [0x21, 0x2f],
    [0x3a, 0x40],
    [0x5b, 0x60],
    [0x7b, 0x7e],
  ],
  Space: ranges('\t-\r '),
  Upper: ranges('A-Z'),
  XDigit: ranges('0-9A-Fa-f'),
};

/** Everything that is not in these ranges. */
export function complement(of: Ranges): Ranges {
  const result: [number, number][] = [];
  let next = 0;
  for (const [first, last] of of) {
    if (first > next) result.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= MAX_CODE_POINT) result.push([next, MAX_CODE_POINT]);
  return result;
}

/** Ranges as they stand between the brackets of a class of RE2. */
export function insideClass(of: Ranges): string {
  return of.map(([first, last]) => (first === last ? code(first) : `${code(first)}-${code(last)}`)).join('');
}

/** One character as RE2 has it, inside of a class and outside. */
export function code(point: number): string {
  return `\\x{${point.toString(16)}}`;
}
