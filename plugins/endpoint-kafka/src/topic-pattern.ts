import { compilePattern, type Pattern, PatternSyntaxError } from '@sluice/core';

const MAX_CHARS = 256;

/**
 * A Java regular expression of topic names: it must match a whole name, as Kafka's clients ask.
 * @throws PatternSyntaxError
 */
export function compileTopicPattern(pattern: string): Pattern {
  if (pattern.length > MAX_CHARS)
    throw new PatternSyntaxError(`the pattern is longer than ${MAX_CHARS} characters`, MAX_CHARS);
  return compilePattern(pattern, { dialect: 'java', whole: true });
}
