import { isDeepStrictEqual } from 'node:util';
import { ExpressionFault } from './faults.js';
import { plain } from './plain.js';
import type { BinaryOperator } from './spel-ast.js';

/** A list of one as its item (header maps hold lists), undefined as null. */
export function single(value: unknown): unknown {
  const one = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return one ?? null;
}

/** Equality as SpEL has it: null equals null, numbers by value, texts and lists by content; a list of one as its item. */
export function equal(left: unknown, right: unknown): boolean {
  const a = single(left);
  const b = single(right);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  return isDeepStrictEqual(plain(a), plain(b));
}

/** Whether a condition holds: true, or the text "true". Anything else does not. */
export function truth(value: unknown): boolean {
  return value === true || value === 'true';
}

/** What `?:` takes for a value: neither null nor an empty text. */
export function given(value: unknown): boolean {
  const one = single(value);
  return one !== null && one !== '';
}

/**
 * Order of numbers, of texts, and of a number and a text that is one. False with null.
 * @throws ExpressionFault between anything else.
 */
export function compare(operator: '<' | '<=' | '>' | '>=', left: unknown, right: unknown): boolean {
  let a = single(left);
  let b = single(right);
  if (a === null || b === null) return false;
  if (typeof a === 'number' && typeof b === 'string') b = numeric(b);
  if (typeof b === 'number' && typeof a === 'string') a = numeric(a);
  if (
    !(typeof a === 'number' && typeof b === 'number') &&
    !(typeof a === 'string' && typeof b === 'string')
  ) {
    throw new ExpressionFault(`${operator} does not order ${describe(left)} and ${describe(right)}`);
  }
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}

/** Text as Java would print it in a concatenation, except that objects and lists are JSON. */
export function textOf(value: unknown): string {
  const one = single(value);
  return typeof one === 'string' ? one : typeof one === 'object' ? JSON.stringify(plain(one)) : String(one);
}

/**
 * `+ - * / %`. A sum with a text is a concatenation; a quotient of whole numbers is whole, as in SpEL, unless `real`.
 * @throws ExpressionFault when an operand is no number, or the result is none.
 */
export function arithmetic(operator: BinaryOperator, left: unknown, right: unknown, real = false): unknown {
  const a = single(left);
  const b = single(right);
  if (operator === '+' && (typeof a === 'string' || typeof b === 'string')) return textOf(a) + textOf(b);
  if (typeof a !== 'number' || typeof b !== 'number') {
    throw new ExpressionFault(`${operator} needs numbers, not ${describe(a)} and ${describe(b)}`);
  }
  const result = calculate(operator, a, b, real || !Number.isInteger(a) || !Number.isInteger(b));
  if (!Number.isFinite(result)) throw new ExpressionFault(`${a} ${operator} ${b} is not a number`);
  return result === 0 ? 0 : result;
}

function calculate(operator: BinaryOperator, a: number, b: number, real: boolean): number {
  if (operator === '+') return a + b;
  if (operator === '-') return a - b;
  if (operator === '*') return a * b;
  if (operator === '%') return a % b;
  return real ? a / b : Math.trunc(a / b);
}

function numeric(text: string): unknown {
  const value = Number(text);
  return text.trim() === '' || !Number.isFinite(value) ? text : value;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return 'a text';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
