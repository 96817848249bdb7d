import { code, type Dialect } from './char-sets.js';
import { readEscape } from './escape.js';
import { PatternSyntaxError } from './faults.js';

/** A class in brackets as RE2 has it. */
export interface CharClass {
  /** Where the pattern goes on. */
  readonly end: number;
  readonly written: string;
}

/**
 * Reads the class whose bracket stands at `start`.
 * @throws PatternSyntaxError
 */
export function readClass(pattern: string, start: number, dialect: Dialect): CharClass {
  const isNegated = pattern[start + 1] === '^';
  const first = start + (isNegated ? 2 : 1);
  let inside = '';
  for (let at = first; at < pattern.length; ) {
    const char = String.fromCodePoint(pattern.codePointAt(at) ?? 0);
    // In Java a bracket directly behind the opening one is a character.
    if (char === ']' && !(dialect === 'java' && at === first)) {
      return { end: at + 1, written: closed(inside, isNegated) };
    }
    if (dialect === 'java' && (char === '[' || pattern.startsWith('&&', at))) {
      const message = 'a class within a class is not supported; write one class, such as [a-cx-z]';
      throw new PatternSyntaxError(message, at);
    }
    if (dialect === 'java' && pattern.startsWith('\\Q', at)) {
      const end = pattern.indexOf('\\E', at);
      for (const quoted of pattern.slice(at + 2, end < 0 ? undefined : end))
        inside += code(quoted.codePointAt(0) ?? 0);
      at = end < 0 ? pattern.length : end + 2;
    } else if (char === '\\') {
      const { taken, written } = readEscape(pattern, at, dialect, true);
      inside += written;
      at += taken;
    } else {
      inside += char === '-' || /[\w\s]/.test(char) ? char : code(char.codePointAt(0) ?? 0);
      at += char.length;
    }
  }
  throw new PatternSyntaxError('the class that begins here is not closed by "]"', start);
}

function closed(inside: string, isNegated: boolean): string {
  if (inside !== '') return `[${isNegated ? '^' : ''}${inside}]`;
  // JavaScript's [^] is any character, its [] none.
  return isNegated ? '[\\x{0}-\\x{10ffff}]' : '[^\\x{0}-\\x{10ffff}]';
}
