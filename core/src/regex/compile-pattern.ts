import type { RE2JS } from 're2js';
import type { Dialect } from './char-sets.js';
import { compileRe2 } from './engine.js';
import { PatternSyntaxError, PatternTooLarge } from './faults.js';
import { splitLookAheads } from './look-ahead.js';
import { LinearPattern, type Pattern } from './pattern.js';
import { type Reading, translate } from './translate.js';

/** How the text of a pattern is read. */
export interface PatternOptions {
  readonly dialect: Dialect;
  /** Letters of flags: `i`, `m`, `s`; others have no effect. */
  readonly flags?: string;
  /** Whether a text must match from its beginning to its end. */
  readonly whole?: boolean;
  /** Whether a client wrote it: more than 256 characters or 500 states are refused, which take long to compile. */
  readonly isForeign?: boolean;
}

/** What a pattern may be, when it is written in a definition: its characters, and about the states of its machine. */
const WRITTEN = { chars: 16_384, size: 5000 };
const FOREIGN = { chars: 256, size: 500 };
/** Patterns that are remembered: a client may have written them, and the states of each take up to 8 MiB. */
const REMEMBERED = 32;
const known = new Map<string, Pattern>();

/**
 * Compiles a regular expression that a person or a client wrote. It is matched by RE2, not by the engine of
 * JavaScript, in which a short pattern can take for ever. Look-aheads are possible at the beginning only. Patterns used
 * lately are remembered.
 * @throws PatternSyntaxError with the offset, for what is no pattern and for references to groups, atomic groups and
 * possessive quantifiers
 */
export function compilePattern(pattern: string, options: PatternOptions): Pattern {
  const { dialect, flags = '', whole = false, isForeign = false } = options;
  const key = `${dialect}/${flags}/${whole}/${isForeign}/${pattern}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = compileAnew(pattern, { dialect, flags, whole, isForeign });
  if (known.size >= REMEMBERED) known.delete(known.keys().next().value ?? key);
  known.set(key, made);
  return made;
}

function compileAnew(
  pattern: string,
  { dialect, flags, whole, isForeign }: Required<PatternOptions>,
): Pattern {
  const { chars, size: maxSize } = isForeign ? FOREIGN : WRITTEN;
  if (pattern.length > chars) {
    throw new PatternTooLarge(`the pattern is longer than ${chars} characters`, chars);
  }
  const [inline = '', letters = ''] = (dialect === 'java' ? /^\(\?([imsu]+)\)/.exec(pattern) : null) ?? [];
  const has = (letter: string) => `${flags}${letters}`.includes(letter);
  const multiline = has('m') && !whole;
  const reading: Reading = { dialect, dotAll: has('s'), multiline, isCaseless: has('i'), maxSize };
  const { conditions, rest } = splitLookAheads(pattern, inline.length, dialect, whole);
  if (conditions.length > 0 && multiline) {
    throw new PatternSyntaxError('a look-ahead cannot stand beside the flag m; leave the flag out', 0);
  }
  const [before, after] = [whole || conditions.length > 0 ? '\\A' : '', whole ? '\\z' : ''];
  return new LinearPattern(
    engineOf(pattern.slice(rest), rest, reading, before, after),
    conditions.map(({ pattern: text, at, isNegated }) => ({
      isNegated,
      engine: engineOf(text, at, { ...reading, withoutGroups: true }, '\\A', ''),
    })),
  );
}

function engineOf(text: string, at: number, reading: Reading, before: string, after: string): RE2JS {
  try {
    const source = translate(text, reading);
    const isFree = before === '' && after === '';
    return compileRe2(isFree ? source : `${before}(?:${source})${after}`, reading.isCaseless);
  } catch (error) {
    if (error instanceof PatternSyntaxError) throw error.movedBy(at);
    const said = (error as Error).message.replace(/^error parsing regexp: /, '').replace(/: `.*$/s, '');
    throw new PatternSyntaxError(`the pattern is not valid: ${said}`, at);
  }
}
