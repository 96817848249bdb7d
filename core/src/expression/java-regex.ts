import {
  compilePattern,
  type Pattern,
  PatternSyntaxError,
  PatternTimeout,
  PatternTooLarge,
} from '../regex/index.js';
import { ExpressionTooLarge, refused } from './faults.js';

/** Patterns that expressions have written out, whole and for splitting: as many as definitions have. */
const written = { whole: new Map<string, Pattern>(), part: new Map<string, Pattern>() };

/**
 * A pattern of Java that an expression has written out, to be matched with a whole text.
 * @throws ExpressionSyntaxError with the offset in the pattern, for what is not supported
 */
export function writtenMatcher(pattern: string): (text: string) => boolean {
  const compiled = remembered(pattern, true);
  return (text) => gated(() => compiled.test(text));
}

/** The same of one that texts are split by. @throws ExpressionSyntaxError */
export function checkSplitter(pattern: string): void {
  remembered(pattern, false);
}

function remembered(pattern: string, whole: boolean): Pattern {
  const compiled = gated(() => compilePattern(pattern, { dialect: 'java', whole }));
  written[whole ? 'whole' : 'part'].set(pattern, compiled);
  return compiled;
}

/**
 * Whether a whole text matches a pattern of Java, which may come from a client where no expression has it.
 * @throws ExpressionSyntaxError for a pattern that is not supported; ExpressionTooLarge for one of a client that is
 * large, and for a text that takes longer than 50 ms
 */
export function matchesJava(pattern: string, text: string): boolean {
  return gated(() => found(pattern, true).test(text));
}

/** The pieces of a text between matches, without empty ones at the end. @throws as {@link matchesJava} */
export function splitJava(pattern: string, text: string): string[] {
  return gated(() => found(pattern, false).split(text));
}

function found(pattern: string, whole: boolean): Pattern {
  const known = written[whole ? 'whole' : 'part'].get(pattern);
  if (known !== undefined) return known;
  try {
    return compilePattern(pattern, { dialect: 'java', whole, isForeign: true });
  } catch (error) {
    throw error instanceof PatternTooLarge ? new ExpressionTooLarge(error.message) : error;
  }
}

/**
 * A regular expression that stands in JSONata.
 * @throws ExpressionSyntaxError with the offset in the pattern
 */
export function jsonataRegex({ source, flags }: RegExp): Pattern {
  return gated(() => compilePattern(source, { dialect: 'javascript', flags }));
}

/** What a pattern gives or throws, in the words of expressions. */
export function gated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof PatternSyntaxError) throw refused(error.message, error.offset);
    if (error instanceof PatternTimeout) throw new ExpressionTooLarge(error.message);
    throw error;
  }
}
