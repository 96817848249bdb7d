import { ExpressionSyntaxError, refused } from './faults.js';
import { SYMBOL_HINTS, WORD_HINTS } from './hints.js';
import { MAX_NESTING } from './limits.js';
import type { BinaryOperator, SpelNode } from './spel-ast.js';
import { methodCall, postfixMember } from './spel-call.js';
import { readPrimary } from './spel-primary.js';
import type { TokenReader } from './token-reader.js';
import { readerOf } from './token-reader.js';

const LEVELS: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['&&'],
  ['==', '!=', '<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/', '%'],
];
const COMPARISON = 2;

/**
 * Reads SpEL. An error that is `refused` names a construct that SpEL has and that is not supported; any other says
 * that the text is not SpEL.
 * @throws ExpressionSyntaxError
 */
export function parseSpel(text: string): SpelNode {
  const parser = new Parser(readerOf(text));
  const node = parser.expression();
  parser.tokens.finish();
  return node;
}

class Parser {
  #depth = 0;

  constructor(readonly tokens: TokenReader) {}

  readonly expression = (): SpelNode => {
    this.#enter();
    const left = this.#level(0);
    let node = left;
    const { at } = this.tokens.peek;
    if (this.tokens.accept('?:')) node = { type: 'elvis', left, right: this.expression(), at };
    else if (this.tokens.accept('?')) {
      const yes = this.expression();
      this.tokens.expect(':');
      node = { type: 'conditional', test: left, yes, no: this.expression(), at };
    }
    this.#depth--;
    return node;
  };

  #enter(): void {
    if (++this.#depth > MAX_NESTING) {
      throw refused(`nested deeper than ${MAX_NESTING}`, this.tokens.peek.at);
    }
  }

  #level(level: number): SpelNode {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#level(level + 1);
    for (let count = 0; ; count++) {
      const { text, at } = this.tokens.peek;
      this.#refuseWord(level);
      if (level === COMPARISON && this.tokens.acceptName('matches')) {
        left = methodCall(left, 'matches', [this.#level(level + 1)], at);
        continue;
      }
      const operator = operators.find((candidate) => this.tokens.accept(candidate));
      if (operator === undefined) return left;
      if (level === COMPARISON && count > 0)
        throw new ExpressionSyntaxError(`"${text}" after a comparison`, at);
      if (count > MAX_NESTING) throw refused(`more than ${MAX_NESTING} operators in a row`, at);
      left = { type: 'binary', operator, left, right: this.#level(level + 1), at };
    }
  }

  #refuseWord(level: number): void {
    if (level !== COMPARISON) return;
    const { type, text, at } = this.tokens.peek;
    const word = text.toLowerCase();
    if (type === 'name' && Object.hasOwn(WORD_HINTS, word)) {
      throw refused(`"${text}" is not supported`, at, WORD_HINTS[word]);
    }
  }

  /** Whether JSONata's `list^(order)` comes next. */
  #isSort(of: SpelNode): boolean {
    return this.tokens.peek.text === '^' && this.tokens.second.text === '(' && of.type !== 'literal';
  }

  #unary(): SpelNode {
    const { at } = this.tokens.peek;
    const operator = ['!', '-', '+'].find((candidate) => this.tokens.accept(candidate));
    if (operator === undefined) return this.#postfix(readPrimary(this.tokens, this.expression));
    this.#enter();
    const of = this.#unary();
    this.#depth--;
    if (operator === '+') return of;
    return { type: operator === '!' ? 'not' : 'negative', of, at };
  }

  #postfix(start: SpelNode): SpelNode {
    let node = start;
    for (let count = 0; ; count++) {
      const { text, at } = this.tokens.peek;
      if (count > MAX_NESTING) throw refused(`more than ${MAX_NESTING} members in a row`, at);
      const hint = Object.hasOwn(SYMBOL_HINTS, text) ? SYMBOL_HINTS[text] : undefined;
      if (hint !== undefined && this.tokens.peek.type === 'symbol' && !this.#isSort(node)) {
        throw refused(`${hint[0]} ("${text}") is not supported`, at, hint[1]);
      }
      if (this.tokens.accept('.') || this.tokens.accept('?.')) {
        node = postfixMember(this.tokens, node, this.expression);
      } else if (this.tokens.accept('[')) {
        const index = this.expression();
        this.tokens.expect(']');
        // JSONata's filter, which would read as an index that is true or false.
        if (isCondition(index)) throw new ExpressionSyntaxError('an index is a number or a name', index.at);
        const named = index.type === 'literal' && typeof index.value === 'string' ? index.value : undefined;
        node =
          named === undefined
            ? { type: 'index', of: node, index, at }
            : { type: 'member', of: node, name: named, at: index.at };
      } else return node;
    }
  }
}

function isCondition(node: SpelNode): boolean {
  return node.type === 'not' || (node.type === 'binary' && !'+-*/%'.includes(node.operator));
}
