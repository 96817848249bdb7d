import { ExpressionSyntaxError } from './faults.js';

/** A piece of a template. `at` is where its text begins in the template; of an expression, after the brace. */
export interface TemplatePart {
  readonly type: 'literal' | 'expression';
  readonly text: string;
  readonly at: number;
}

const OPENING = /\{(?=#|\(|T\()/g;
const CLOSER: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const QUOTES = '\'"`';

/** Whether a text holds at least one expression. */
export function hasExpression(text: string): boolean {
  return text.search(OPENING) >= 0;
}

/**
 * Splits a text into literals and the insides of `{#...}`, `{(...)}` and `{T(...)}`; any other brace is literal.
 * @param escapes whether a backslash in quotes keeps the next character from closing them: so in JSONata, not in SpEL.
 * @throws ExpressionSyntaxError where an expression has no end.
 */
export function splitTemplate(text: string, escapes = false): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let from = 0;
  const opening = new RegExp(OPENING);
  for (let found = opening.exec(text); found !== null; found = opening.exec(text)) {
    const end = closingBrace(text, found.index, escapes);
    if (found.index > from) parts.push({ type: 'literal', text: text.slice(from, found.index), at: from });
    parts.push({ type: 'expression', text: text.slice(found.index + 1, end), at: found.index + 1 });
    from = end + 1;
    opening.lastIndex = from;
  }
  if (from < text.length || parts.length === 0)
    parts.push({ type: 'literal', text: text.slice(from), at: from });
  return parts;
}

/**
 * The pieces of a text in order: literals as they are, of expressions what `compile` makes of them. A backslash keeps a
 * quote open only where the text cannot be read otherwise.
 * @throws ExpressionSyntaxError with the offset in `text`
 */
export function templateParts<T>(text: string, compile: (expression: string) => T): readonly (string | T)[] {
  try {
    return partsOf(text, compile, false);
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError) || !text.includes('\\')) throw error;
    try {
      return partsOf(text, compile, true);
    } catch {
      throw error;
    }
  }
}

function partsOf<T>(
  text: string,
  compile: (expression: string) => T,
  escapes: boolean,
): readonly (string | T)[] {
  return splitTemplate(text, escapes).map((part) => {
    if (part.type === 'literal') return part.text;
    try {
      return compile(part.text);
    } catch (error) {
      throw error instanceof ExpressionSyntaxError ? error.movedBy(part.at) : error;
    }
  });
}

function closingBrace(text: string, start: number, escapes: boolean): number {
  const open: string[] = [];
  for (let at = start; at < text.length; at++) {
    const char = text.charAt(at);
    const closer = CLOSER[char];
    if (closer !== undefined) open.push(closer);
    else if (QUOTES.includes(char)) at = closingQuote(text, at, escapes);
    else if (char === open.at(-1)) {
      open.pop();
      if (open.length === 0) return at;
    } else if (')]}'.includes(char)) {
      throw new ExpressionSyntaxError(`"${char}" where "${open.at(-1)}" is expected`, at);
    }
  }
  throw new ExpressionSyntaxError('the expression that begins here has no closing "}"', start);
}

function closingQuote(text: string, start: number, escapes: boolean): number {
  for (let at = start + 1; at < text.length; at++) {
    if (escapes && text[at] === '\\') at++;
    else if (text[at] === text[start]) return at;
  }
  throw new ExpressionSyntaxError('the quote that begins here is not closed', start);
}
