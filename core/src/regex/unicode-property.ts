import { compileRe2 } from './engine.js';
import { PatternSyntaxError } from './faults.js';

/** General categories that JavaScript also knows by a long name. */
const LONG_NAMES: Readonly<Record<string, string>> = {
  Letter: 'L',
  Uppercase_Letter: 'Lu',
  Lowercase_Letter: 'Ll',
  Titlecase_Letter: 'Lt',
  Modifier_Letter: 'Lm',
  Other_Letter: 'Lo',
  Mark: 'M',
  Number: 'N',
  Decimal_Number: 'Nd',
  Punctuation: 'P',
  Symbol: 'S',
  Separator: 'Z',
  Space_Separator: 'Zs',
  Other: 'C',
  Control: 'Cc',
};

/**
 * A category or script of Unicode as RE2 has it, in Java's words (`Lu`, `IsLatin`) or JavaScript's (`Script=Latin`).
 * @throws PatternSyntaxError for any other property
 */
export function unicodeProperty(name: string, isNegated: boolean, at: number): string {
  const short = name.replace(/^(?:Is|Script=|sc=|General_Category=|gc=)/, '');
  const written = `\\${isNegated ? 'P' : 'p'}{${LONG_NAMES[short] ?? short}}`;
  try {
    compileRe2(written);
  } catch {
    const message = `there is no class \\p{${name.slice(0, 40)}}; there are categories and scripts of Unicode, such as \\p{L}, \\p{Lu} and \\p{Greek}`;
    throw new PatternSyntaxError(message, at);
  }
  return written;
}
