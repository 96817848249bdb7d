import { PatternSyntaxError } from './faults.js';

/** How often an atom is repeated. */
export interface Quantifier {
  /** Characters of the pattern. */
  readonly taken: number;
  readonly least: number;
  /** Undefined without an end. */
  readonly most: number | undefined;
  /** Takes as little as it can. */
  readonly isLazy: boolean;
}

const FORM = /(?:([*+?])|\{(\d{1,6})(?:(,)(\d{0,6}))?\})([?+]?)/y;
/** RE2 repeats no more often than this at a time. */
const MOST_AT_ONCE = 1000;

/** The quantifier at a place of a pattern; undefined when there is none. @throws PatternSyntaxError */
export function readQuantifier(pattern: string, at: number): Quantifier | undefined {
  FORM.lastIndex = at;
  const found = FORM.exec(pattern);
  if (found === null) return undefined;
  const [whole, symbol, count, comma, end, suffix] = found;
  if (suffix === '+') {
    const message = `a possessive quantifier ("${whole}") is not supported; leave out its last "+"`;
    throw new PatternSyntaxError(message, at);
  }
  const least = symbol === undefined ? Number(count) : symbol === '+' ? 1 : 0;
  const most =
    symbol === undefined
      ? comma === undefined
        ? least
        : end === ''
          ? undefined
          : Number(end)
      : symbol === '?'
        ? 1
        : undefined;
  if (most !== undefined && most < least) {
    throw new PatternSyntaxError(`"${whole}" has its numbers in the wrong order`, at);
  }
  return { taken: whole.length, least, most, isLazy: suffix === '?' };
}

/** An atom that has no groups, repeated, as RE2 has it. */
export function repeated(atom: string, { least, most, isLazy }: Quantifier): string {
  const lazy = isLazy ? '?' : '';
  if (Math.max(least, most ?? 0) <= MOST_AT_ONCE) return `${atom}${count(least, most)}${lazy}`;
  const further = most === undefined ? `${atom}*${lazy}` : upTo(atom, most - least, lazy);
  return `(?:${atLeast(atom, least)}${further})`;
}

function count(least: number, most: number | undefined): string {
  if (most === undefined) return least === 0 ? '*' : least === 1 ? '+' : `{${least},}`;
  return least === 0 && most === 1 ? '?' : least === most ? `{${least}}` : `{${least},${most}}`;
}

function atLeast(atom: string, count: number): string {
  const [whole, rest] = [Math.floor(count / MOST_AT_ONCE), count % MOST_AT_ONCE];
  return `${atom}{${MOST_AT_ONCE}}`.repeat(whole) + (rest === 0 ? '' : `${atom}{${rest}}`);
}

/** Each number of repetitions in one way only: otherwise the machine would follow hundreds of ways at once. */
function upTo(atom: string, count: number, lazy: string): string {
  if (count <= MOST_AT_ONCE) return count === 0 ? '' : `${atom}{0,${count}}${lazy}`;
  const [more, fewer] = [
    `${atom}{${MOST_AT_ONCE}}${upTo(atom, count - MOST_AT_ONCE, lazy)}`,
    `${atom}{0,${MOST_AT_ONCE - 1}}${lazy}`,
  ];
  return lazy === '' ? `(?:${more}|${fewer})` : `(?:${fewer}|${more})`;
}
