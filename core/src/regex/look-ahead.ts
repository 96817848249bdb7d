import { readClass } from './char-class.js';
import type { Dialect } from './char-sets.js';
import { PatternSyntaxError } from './faults.js';

/** What must, or must not, match at the beginning of a text. */
export interface Condition {
  readonly at: number;
  readonly pattern: string;
  readonly isNegated: boolean;
}

/** A pattern whose look-aheads at the beginning are taken off. */
export interface Split {
  readonly conditions: readonly Condition[];
  /** Where the rest begins. */
  readonly rest: number;
}

/**
 * Takes the look-aheads off that follow the `^` at the beginning of a pattern; without a `^`, when `whole` says that the
 * pattern must match from the beginning anyway. So each of them is a pattern of its own, matched in linear time.
 * @throws PatternSyntaxError for alternatives behind look-aheads, to which these would not belong all
 */
export function splitLookAheads(pattern: string, from: number, dialect: Dialect, whole: boolean): Split {
  const conditions: Condition[] = [];
  let at = from + (pattern[from] === '^' ? 1 : 0);
  if (at === from && !whole) return { conditions, rest: from };
  while (pattern.startsWith('(?=', at) || pattern.startsWith('(?!', at)) {
    const end = endOfGroup(pattern, at, dialect);
    conditions.push({
      at: at + 3,
      pattern: pattern.slice(at + 3, end - 1),
      isNegated: pattern[at + 2] === '!',
    });
    at = end;
  }
  if (conditions.length === 0) return { conditions, rest: from };
  for (let next = at; next < pattern.length; next = skip(pattern, next, dialect)) {
    if (pattern[next] === '|') {
      throw new PatternSyntaxError(
        'alternatives behind a look-ahead stand in a group, such as (?:a|b)',
        next,
      );
    }
  }
  return { conditions, rest: at };
}

/** Behind the atom at a place: a group, a class, an escape or a character. */
function skip(pattern: string, at: number, dialect: Dialect): number {
  if (pattern[at] === '(') return endOfGroup(pattern, at, dialect);
  if (pattern[at] === '[') return readClass(pattern, at, dialect).end;
  if (dialect === 'java' && pattern.startsWith('\\Q', at)) {
    const end = pattern.indexOf('\\E', at);
    return end < 0 ? pattern.length : end + 2;
  }
  return at + (pattern[at] === '\\' ? 2 : 1);
}

function endOfGroup(pattern: string, start: number, dialect: Dialect): number {
  let depth = 0;
  for (let at = start; at < pattern.length; ) {
    if (pattern[at] === '(') depth++;
    if (pattern[at] === ')' && --depth === 0) return at + 1;
    at = pattern[at] === '(' ? at + 1 : skip(pattern, at, dialect);
  }
  throw new PatternSyntaxError('the group that begins here is not closed by ")"', start);
}
