import { refused } from './faults.js';
import { DEFAULT_LIMITS } from './limits.js';
import { remembering } from './memo.js';
import { fromJava } from './pattern.js';
import { regexRisk } from './regex-risk.js';
import { watchRegex } from './regex-watch.js';

/** A pattern of Java, ready for use. Each call is cut off after the default time. */
export interface JavaRegex {
  /** Whether the whole text matches. */
  matches(text: string): boolean;
  /** The pieces between matches, without empty ones at the end. */
  split(text: string): string[];
}

/**
 * Compiles a pattern of Java; patterns used lately are remembered.
 * @throws ExpressionSyntaxError with the offset in the pattern, for what is not supported or could take forever.
 */
export const javaRegex: (pattern: string) => JavaRegex = remembering(compile);

function compile(pattern: string): JavaRegex {
  const { source, flags } = fromJava(pattern);
  const risk = regexRisk(source);
  const whole = build(`^(?:${source})$`, flags.replace('m', ''));
  const part = build(source, flags);
  const watch = <T>(text: string, work: () => T): T => watchRegex(risk, text, DEFAULT_LIMITS.timeMs, work);
  return {
    matches: (text) => watch(text, () => whole.test(text)),
    split: (text) => withoutEmptyEnd(watch(text, () => text.split(part))),
  };
}

function build(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw refused(`the pattern is not valid: ${(error as Error).message.split(': ').at(-1)}`, 0);
  }
}

function withoutEmptyEnd(pieces: readonly string[]): string[] {
  let length = pieces.length;
  while (length > 1 && pieces[length - 1] === '') length--;
  return pieces.slice(0, length);
}
