import { type CompiledExpression, compileExpression } from './compile.js';
import { failed } from './faults.js';
import { DEFAULT_LIMITS, type ExpressionLimits } from './limits.js';
import { truth } from './operations.js';
import { plain } from './plain.js';
import type { Scope } from './scope-type.js';
import { hasExpression, templateParts } from './template.js';

/** A text with expressions in it, compiled. */
export interface Expression {
  /** Whether it has the same value in every scope. */
  readonly constant: boolean;
  /**
   * The value; a promise of it only where an expression does not take the fast path. What it holds is a copy.
   * @throws SluiceError `EXPRESSION_FAILED`, or rejects with it.
   */
  evaluate(scope: Scope): unknown | Promise<unknown>;
}

/** A condition, compiled. */
export interface Condition {
  /**
   * Whether it holds: true, or the text "true"; anything else does not.
   * @throws SluiceError `EXPRESSION_FAILED`, or rejects with it.
   */
  matches(scope: Scope): boolean | Promise<boolean>;
}

/**
 * Compiles a text that may hold expressions. One that is an expression and nothing else has its value, of any type;
 * otherwise the parts are joined to a text, in which null is empty and objects are JSON.
 * @throws ExpressionSyntaxError
 */
export function compileTemplate(text: string, limits: ExpressionLimits = DEFAULT_LIMITS): Expression {
  return fromParts(text, compileParts(text, limits), limits);
}

function fromParts(text: string, parts: Parts, limits: ExpressionLimits): Expression {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) {
    if (typeof only === 'string') return { constant: true, evaluate: () => only };
    return whole(text, only, limits);
  }
  const texts = parts.map((part) => (typeof part === 'string' ? part : whole(text, part, limits)));
  const join = (values: readonly unknown[]) => bounded(text, values.map(written).join(''), limits);
  const immediate = parts.every((part) => typeof part === 'string' || part.immediate);
  return {
    constant: parts.every((part) => typeof part === 'string' || part.constant),
    evaluate: immediate
      ? (scope) => join(texts.map((part) => (typeof part === 'string' ? part : part.evaluate(scope))))
      : async (scope) => {
          const values: unknown[] = [];
          for (const part of texts) values.push(typeof part === 'string' ? part : await part.evaluate(scope));
          return join(values);
        },
  };
}

/**
 * Compiles a condition: a template, or an expression without braces.
 * @throws ExpressionSyntaxError
 */
export function compileCondition(text: string, limits: ExpressionLimits = DEFAULT_LIMITS): Condition {
  const parts: Parts = hasExpression(text)
    ? compileParts(text.trim(), limits)
    : [compileExpression(text, limits)];
  const [only] = parts;
  if (parts.length === 1 && only !== undefined && typeof only !== 'string') {
    return only.immediate
      ? { matches: (scope) => truth(only.run(scope)) }
      : { matches: async (scope) => truth(await only.run(scope)) };
  }
  const template = fromParts(text, parts, limits);
  return {
    matches: (scope) => {
      const value = template.evaluate(scope);
      return value instanceof Promise ? value.then(truth) : truth(value);
    },
  };
}

type Parts = readonly (string | CompiledExpression)[];

function compileParts(text: string, limits: ExpressionLimits): Parts {
  return templateParts(text, (expression) => compileExpression(expression, limits));
}

function whole(
  text: string,
  { constant, immediate, run }: CompiledExpression,
  limits: ExpressionLimits,
): Expression {
  return {
    constant,
    evaluate: immediate
      ? (scope) => bounded(text, run(scope), limits)
      : async (scope) => bounded(text, await run(scope), limits),
  };
}

function bounded(text: string, value: unknown, { resultBytes }: ExpressionLimits): unknown {
  try {
    return plain(value, resultBytes);
  } catch (error) {
    throw failed(text, error);
  }
}

function written(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
}
