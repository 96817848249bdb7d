/**
 * What a text with expressions comes to where a list is read, such as topics. Only who wrote the text may make a list of it: by a
 * comma or a bracket outside of the expressions, or by an expression whose value is a list (`….split(',')`). Else a text is one
 * item, whatever commas a client puts into it.
 * @param written as it stands in the definition
 * @param value of its evaluation
 */
export function asWritten(written: string, value: unknown): unknown {
  const literals = literalsOf(written);
  const isLiteral = literals === written;
  const saysList = literals.includes(',') || literals.trimStart().startsWith('[');
  return typeof value === 'string' && !isLiteral && !saysList ? [value] : value;
}

/** What begins an expression. */
const OPENINGS = ['{#', '{(', '{T('];

/** The text without its expressions. */
function literalsOf(text: string): string {
  let literals = '';
  let depth = 0;
  let quote: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (depth === 0) {
      if (OPENINGS.some((opening) => text.startsWith(opening, at))) depth = 1;
      else literals += char;
    } else if (quote !== undefined) quote = char === quote ? undefined : quote;
    else if (char === "'" || char === '"') quote = char;
    else if (char === '{') depth++;
    else if (char === '}') depth--;
  }
  return literals;
}
