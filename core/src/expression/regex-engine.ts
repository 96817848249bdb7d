import type { Pattern, PatternMatch } from '../regex/index.js';
import { ExpressionTooLarge } from './faults.js';
import { gated, jsonataRegex } from './java-regex.js';

/** By the literal of the tree: compiled once, not once an evaluation. */
const compiled = new WeakMap<RegExp, Pattern>();

/**
 * What JSONata makes its regular expressions with, once an evaluation: all their matches together have `timeMs`.
 * @throws (its `exec`) ExpressionTooLarge
 */
export function regexEngine(timeMs: number): RegExpConstructor {
  class LinearRegExp {
    lastIndex = 0;
    readonly #pattern: Pattern;
    readonly #until = performance.now() + timeMs;

    constructor(literal: RegExp) {
      this.#pattern = compiled.get(literal) ?? jsonataRegex(literal);
      compiled.set(literal, this.#pattern);
    }

    exec(text: string): PatternMatch | null {
      const left = this.#until - performance.now();
      if (left <= 0) throw new ExpressionTooLarge(`the regular expression took longer than ${timeMs} ms`);
      const match = gated(() => this.#pattern.find(text, this.lastIndex, left));
      this.lastIndex = match === null ? 0 : match.index + (match[0]?.length ?? 0);
      return match;
    }
  }
  return LinearRegExp as unknown as RegExpConstructor;
}
