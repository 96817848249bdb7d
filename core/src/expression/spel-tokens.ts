import { ExpressionSyntaxError } from './faults.js';

/** A word of SpEL. */
export interface Token {
  readonly type: 'name' | 'text' | 'number' | 'symbol' | 'end';
  /** A name or symbol as written (operators in letters as their symbol), the value of a text, the digits of a number. */
  readonly text: string;
  readonly at: number;
}

const SPACE = /\s+/y;
const NAME = /[A-Za-z_]\w*/y;
const NUMBER = /(?:0[xX][0-9a-fA-F]+[lL]?|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[lLfFdD]?)(?![\w])/y;
const TEXT = /'(?:[^']|'')*'|"(?:[^"]|"")*"/y;
const SYMBOL = /==|!=|<=|>=|&&|\|\||\?:|\?\.|\.\?\[|\.!\[|\.\^\[|\.\$\[|[()[\]{},.?:+\-*/%!<>#@^=&]/y;

const IN_LETTERS: Readonly<Record<string, string>> = {
  and: '&&',
  or: '||',
  not: '!',
  eq: '==',
  ne: '!=',
  lt: '<',
  gt: '>',
  le: '<=',
  ge: '>=',
  div: '/',
  mod: '%',
};

/**
 * Splits SpEL into words, the last of which is of type `end`.
 * @throws ExpressionSyntaxError at a character that SpEL does not have.
 */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  while (at < text.length) {
    const space = take(SPACE);
    at += space?.length ?? 0;
    if (at >= text.length) break;
    const token = next(take, at, text, tokens.at(-1));
    tokens.push(token.token);
    at += token.length;
  }
  tokens.push({ type: 'end', text: 'the end', at: text.length });
  return tokens;
}

function next(
  take: (pattern: RegExp) => string | undefined,
  at: number,
  text: string,
  previous: Token | undefined,
): { token: Token; length: number } {
  const name = take(NAME);
  if (name !== undefined) {
    const afterDot = previous?.text === '.' || previous?.text === '?.' || previous?.text === '#';
    const operator = afterDot ? undefined : inLetters(name);
    const token: Token =
      operator === undefined ? { type: 'name', text: name, at } : { type: 'symbol', text: operator, at };
    return { token, length: name.length };
  }
  const number = take(NUMBER);
  if (number !== undefined) return { token: { type: 'number', text: number, at }, length: number.length };
  const quoted = take(TEXT);
  if (quoted !== undefined) {
    const quote = quoted.charAt(0);
    const value = quoted.slice(1, -1).replaceAll(quote + quote, quote);
    return { token: { type: 'text', text: value, at }, length: quoted.length };
  }
  const symbol = take(SYMBOL);
  if (symbol !== undefined) return { token: { type: 'symbol', text: symbol, at }, length: symbol.length };
  throw new ExpressionSyntaxError(
    `"${String.fromCodePoint(text.codePointAt(at) ?? 0)}" is not expected here`,
    at,
  );
}

function inLetters(name: string): string | undefined {
  const lower = name.toLowerCase();
  return Object.hasOwn(IN_LETTERS, lower) ? IN_LETTERS[lower] : undefined;
}
