import { ExpressionSyntaxError } from './faults.js';
import { type Token, tokenize } from './spel-tokens.js';

/** Reads tokens one after another. */
export class TokenReader {
  #next = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  /** The token that comes next; of type `end` after the last. */
  get peek(): Token {
    return this.tokens[Math.min(this.#next, this.tokens.length - 1)] as Token;
  }

  /** The token after it. */
  get second(): Token {
    return this.tokens[Math.min(this.#next + 1, this.tokens.length - 1)] as Token;
  }

  /** The next token, which is then read. */
  take(): Token {
    const token = this.peek;
    this.#next++;
    return token;
  }

  /** Reads this symbol if it comes next. */
  accept(symbol: string): boolean {
    const found = this.peek.type === 'symbol' && this.peek.text === symbol;
    if (found) this.#next++;
    return found;
  }

  /** Reads this word if it comes next. */
  acceptName(name: string): boolean {
    const found = this.peek.type === 'name' && this.peek.text === name;
    if (found) this.#next++;
    return found;
  }

  /** @throws ExpressionSyntaxError when this symbol does not come next. */
  expect(symbol: string): void {
    if (!this.accept(symbol)) throw this.unexpected(`"${symbol}"`);
  }

  /** @throws ExpressionSyntaxError when anything is left. */
  finish(): void {
    if (this.peek.type !== 'end') throw this.unexpected('the end');
  }

  /** The error of a token that does not fit. */
  unexpected(expected: string): ExpressionSyntaxError {
    const { type, text, at } = this.peek;
    const found = type === 'end' ? text : `"${text.slice(0, 40)}"`;
    return new ExpressionSyntaxError(`${found} where ${expected} is expected`, at);
  }
}

/** A reader of a text. @throws ExpressionSyntaxError when it has a character that SpEL has not. */
export function readerOf(text: string): TokenReader {
  return new TokenReader(tokenize(text));
}
