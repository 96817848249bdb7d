import type { ExecutionContext } from '../contract/context.js';
import type { Message } from '../contract/message.js';
import type { Expressions, MaybePromise } from '../contract/policy.js';

/** What stands for an expression in a test. */
export type FakeExpression = (ctx: ExecutionContext, message?: Message) => MaybePromise<unknown>;

/**
 * Expressions without a language: a text of the table stands for its function, another text with `{#` or `{(` is
 * refused, and any other is itself. A condition holds when its text gives true or `'true'`.
 */
export function fakeExpressions(table: Readonly<Record<string, FakeExpression>> = {}): Expressions {
  const compile = (text: string): FakeExpression => {
    const known = Object.hasOwn(table, text) ? table[text] : undefined;
    if (known === undefined && /\{(?=#|\(|T\()/.test(text))
      throw new Error(`not in the table of the test: ${text}`);
    return known ?? (() => text);
  };
  return {
    template(text) {
      const evaluate = compile(text);
      return { evaluate: (ctx, message) => evaluate(ctx, message) };
    },
    condition(text) {
      const evaluate = compile(text);
      const isTrue = (value: unknown) => value === true || value === 'true';
      return {
        holds(ctx, message) {
          const value = evaluate(ctx, message);
          return value instanceof Promise ? value.then(isTrue) : isTrue(value);
        },
      };
    },
  };
}
