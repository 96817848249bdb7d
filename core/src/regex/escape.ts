import { ASCII_CLASSES, code, complement, type Dialect, insideClass, LETTER_SETS } from './char-sets.js';
import { PatternSyntaxError } from './faults.js';
import { unicodeProperty } from './unicode-property.js';

/** A longer escape is none. Characters. */
const LONGEST = 64;

/** An escape as RE2 has it. */
export interface Escape {
  /** Characters of the pattern. */
  readonly taken: number;
  readonly written: string;
}

const CONTROLS: Readonly<Record<Dialect, Readonly<Record<string, number>>>> = {
  java: { t: 9, n: 10, f: 12, r: 13, a: 7, e: 27 },
  javascript: { t: 9, n: 10, v: 11, f: 12, r: 13 },
};
const PLACES: Readonly<Record<Dialect, Readonly<Record<string, string>>>> = {
  java: { b: '\\b', B: '\\B', A: '\\A', z: '\\z', Z: '\\z' },
  javascript: { b: '\\b', B: '\\B' },
};
const HEX = /^\\(?:x([\da-f]{2})|x\{([\da-f]{1,6})\}|u\{([\da-f]{1,6})\})/i;
const UNIT = /^\\u([\da-f]{4})(?:\\u(d[c-f][\da-f]{2}))?/i;
const OCTAL = /^\\0([0-3]?[0-7]{1,2})/;
const PROPERTY = /^\\[pP](?:\{([^{}]*)\}|([A-Z]))/;

/**
 * Reads the escape that begins at a place of a pattern.
 * @throws PatternSyntaxError
 */
export function readEscape(pattern: string, at: number, dialect: Dialect, inClass: boolean): Escape {
  const rest = pattern.slice(at, at + LONGEST);
  const letter = rest.charAt(1);
  if (letter === '')
    throw new PatternSyntaxError('the pattern ends within an escape; write \\\\ for a \\', at);
  const place = PLACES[dialect][letter];
  if (place !== undefined && !inClass) return { taken: 2, written: place };
  if (letter === 'b' && dialect === 'javascript') return { taken: 2, written: code(8) };
  if ('dDwW'.includes(letter)) return { taken: 2, written: `\\${letter}` };
  const set = LETTER_SETS[dialect][letter.toLowerCase()];
  // JavaScript's \v is one character, Java's a set; only Java has \V and \H.
  if (set !== undefined) {
    const inside = insideClass(letter === letter.toLowerCase() ? set : complement(set));
    return { taken: 2, written: inClass ? inside : `[${inside}]` };
  }
  const point = CONTROLS[dialect][letter];
  if (point !== undefined) return { taken: 2, written: code(point) };
  return (
    ofNumber(rest, at, dialect) ??
    ofProperty(rest, at, dialect, inClass) ??
    ofItself(String.fromCodePoint(rest.codePointAt(1) ?? 0), at)
  );
}

function ofNumber(rest: string, at: number, dialect: Dialect): Escape | undefined {
  const hex = HEX.exec(rest);
  if (hex !== null) return ofPoint(hex[0].length, Number.parseInt(hex[1] ?? hex[2] ?? hex[3] ?? '', 16), at);
  const unit = UNIT.exec(rest);
  if (unit !== null) {
    const [high = 0, low] = unit
      .slice(1)
      .map((text) => (text === undefined ? undefined : Number.parseInt(text, 16)));
    const isPair = low !== undefined && high >= 0xd800 && high <= 0xdbff;
    return isPair
      ? ofPoint(12, (high - 0xd800) * 0x400 + (low - 0xdc00) + 0x10000, at)
      : ofPoint(6, high, at);
  }
  const control = /^\\c([A-Za-z])/.exec(rest);
  if (control !== null) return ofPoint(3, (control[1] ?? '').charCodeAt(0) % 32, at);
  if (dialect === 'javascript') return /^\\0(?!\d)/.test(rest) ? ofPoint(2, 0, at) : undefined;
  const octal = OCTAL.exec(rest);
  return octal === null ? undefined : ofPoint(octal[0].length, Number.parseInt(octal[1] ?? '', 8), at);
}

function ofPoint(taken: number, point: number, at: number): Escape {
  if (point > 0x10ffff) throw new PatternSyntaxError('there is no such character', at);
  return { taken, written: code(point) };
}

function ofProperty(rest: string, at: number, dialect: Dialect, inClass: boolean): Escape | undefined {
  const found = PROPERTY.exec(rest);
  if (found === null) return undefined;
  const [{ length: taken }, inBraces, letter] = found;
  const name = inBraces ?? letter ?? '';
  const ascii = dialect === 'java' && Object.hasOwn(ASCII_CLASSES, name) ? ASCII_CLASSES[name] : undefined;
  const isNegated = rest.charAt(1) === 'P';
  if (ascii === undefined) return { taken, written: unicodeProperty(name, isNegated, at) };
  const inside = insideClass(isNegated ? complement(ascii) : ascii);
  return { taken, written: inClass ? inside : `[${inside}]` };
}

/** A character that would mean something else without its backslash. */
function ofItself(char: string, at: number): Escape {
  if (/[1-9k]/.test(char)) {
    const message = `a reference to a group (\\${char}) cannot be matched in a bounded time; compare the parts in an expression`;
    throw new PatternSyntaxError(message, at);
  }
  if (/[A-Za-z0]/.test(char)) {
    throw new PatternSyntaxError(
      `the escape \\${char} is not supported; write the characters it stands for`,
      at,
    );
  }
  return { taken: 1 + char.length, written: code(char.codePointAt(0) ?? 0) };
}
