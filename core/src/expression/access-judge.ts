import { compileClosures } from './closures.js';
import { compileJsonata } from './evaluate.js';
import { refused } from './faults.js';
import { writeJsonata } from './jsonata-writer.js';
import type { ExpressionLimits } from './limits.js';
import { callMethod, METHODS } from './methods.js';
import { compare, equal, single, truth } from './operations.js';
import type { Scope } from './scope-type.js';
import { type BinaryOperator, partsOf, type SpelNode } from './spel-ast.js';

/** True, false, or undefined for unknown: a comparison with what is not there. */
export type Judge = (scope: Scope) => boolean | undefined | Promise<boolean | undefined>;
type Value = (scope: Scope) => unknown | Promise<unknown>;

/** Makes of SpEL what judges it in three values (Kleene's logic). */
export class RuleCompiler {
  constructor(private readonly limits: ExpressionLimits) {}

  /** @throws ExpressionSyntaxError where a comparison is hidden in a value */
  judge(node: SpelNode): Judge {
    switch (node.type) {
      case 'binary':
        if (node.operator === '&&') return this.#joined(node, false);
        if (node.operator === '||') return this.#joined(node, true);
        return isComparison(node.operator) ? this.#comparison(node) : this.#truthOf(node);
      case 'not': {
        const of = this.judge(node.of);
        return async (scope) => {
          const verdict = await of(scope);
          return verdict === undefined ? undefined : !verdict;
        };
      }
      case 'conditional': {
        const [test, yes, no] = [this.judge(node.test), this.judge(node.yes), this.judge(node.no)];
        return async (scope) => {
          const verdict = await test(scope);
          if (verdict === undefined) return undefined;
          return verdict ? yes(scope) : no(scope);
        };
      }
      case 'call':
        return METHODS[node.method]?.gives === 'boolean' ? this.#call(node) : this.#truthOf(node);
      default:
        return this.#truthOf(node);
    }
  }

  /** `&&` and `||`: the side that decides does so whatever the other is. */
  #joined({ left, right }: Extract<SpelNode, { type: 'binary' }>, decisive: boolean): Judge {
    const [first, second] = [this.judge(left), this.judge(right)];
    return async (scope) => {
      const one = await first(scope);
      if (one === decisive) return decisive;
      const other = await second(scope);
      if (other === decisive) return decisive;
      return one === undefined || other === undefined ? undefined : !decisive;
    };
  }

  #comparison({ operator, left, right }: Extract<SpelNode, { type: 'binary' }>): Judge {
    const [first, second] = [this.#value(left), this.#value(right)];
    const asksForNull = isNull(left) || isNull(right);
    return async (scope) => {
      const a = single(await first(scope));
      const b = single(await second(scope));
      if (!asksForNull && (a === null || b === null)) return undefined;
      if (operator === '==') return equal(a, b);
      if (operator === '!=') return !equal(a, b);
      return compare(operator as '<', a, b);
    };
  }

  #call({ of, method, args }: Extract<SpelNode, { type: 'call' }>): Judge {
    const values = [of, ...args].map((part) => this.#value(part));
    return async (scope) => {
      const found: unknown[] = [];
      for (const value of values) found.push(await value(scope));
      if (found.some((one) => single(one) === null)) return undefined;
      return callMethod(method, found[0], found.slice(1)) === true;
    };
  }

  #truthOf(node: SpelNode): Judge {
    const value = this.#value(node);
    return async (scope) => {
      const found = single(await value(scope));
      return found === null ? undefined : truth(found);
    };
  }

  #value(node: SpelNode): Value {
    if (isLogical(node)) {
      const judge = this.judge(node);
      return async (scope) => (await judge(scope)) ?? null;
    }
    refuseHidden(node);
    return compileClosures(node) ?? compileJsonata(writeJsonata(node), this.limits);
  }
}

function isComparison(operator: BinaryOperator): boolean {
  return !'+-*/%'.includes(operator) && operator !== '&&' && operator !== '||';
}

function isNull(node: SpelNode): boolean {
  return node.type === 'literal' && node.value === null;
}

/** What has a verdict of its own, and not only a value. */
function isLogical(node: SpelNode): boolean {
  if (node.type === 'binary') return !'+-*/%'.includes(node.operator);
  if (node.type === 'call') return METHODS[node.method]?.gives === 'boolean';
  return node.type === 'not';
}

/** @throws ExpressionSyntaxError where a comparison is a part of a value: it would be judged as a condition's is */
function refuseHidden(node: SpelNode): void {
  for (const part of partsOf(node)) {
    if (isLogical(part)) {
      throw refused('in a rule a comparison must not be part of a value', part.at);
    }
    refuseHidden(part);
  }
}
