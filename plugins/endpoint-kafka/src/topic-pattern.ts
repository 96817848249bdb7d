/** Thrown for a pattern that cannot be used; the message names the construct. */
export class PatternError extends Error {}

const MAX_CHARS = 256;
/** What Java's regular expressions have and JavaScript's lack, or read otherwise. */
const UNKNOWN: readonly (readonly [RegExp, string])[] = [
  [/\\[QE]/, 'quoting by \\Q and \\E'],
  [/\\[AZzG]/, 'anchors by \\A, \\Z, \\z and \\G'],
  [/\\[pP]/, 'character classes by \\p'],
  [/\\[hHvVRXaexckNux0]/, 'this escape'],
  [/\(\?>/, 'atomic groups (?>'],
  [/\(\?[a-zA-Z-]+[):]/, 'flags such as (?i)'],
  [/(?:[*+?]|\})\+/, 'possessive quantifiers such as *+'],
  [/&&/, 'intersections of classes (&&)'],
  [/\[[^\]]*\[/, 'classes inside of classes'],
];

/**
 * A Java regular expression of topic names as one of JavaScript: it must match a whole name, as Kafka's clients ask.
 * @throws PatternError
 */
export function compileTopicPattern(pattern: string): RegExp {
  if (pattern.length > MAX_CHARS)
    throw new PatternError(`the pattern is longer than ${MAX_CHARS} characters`);
  // Escaped backslashes say nothing of what follows them.
  const bare = pattern.replaceAll('\\\\', '__');
  for (const [construct, name] of UNKNOWN) {
    if (construct.test(bare)) throw new PatternError(`a pattern of topics cannot have ${name}`);
  }
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch {
    throw new PatternError('the pattern is not a valid regular expression');
  }
}
