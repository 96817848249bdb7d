import type { JsonPath } from '../definition/problem.js';

/** A text with expressions, and where it stands. */
export interface ExpressionPlace {
  readonly path: JsonPath;
  readonly text: string;
}

/** What a text with an expression in it holds: `{#`, `{(` or `{T(`. */
export const EXPRESSION = /\{(#|\(|T\()/;

/** Where a value holds expressions, and what it says there. */
export function expressionPaths(value: unknown): readonly ExpressionPlace[] {
  const found: ExpressionPlace[] = [];
  collect(value, [], found);
  return found;
}

/** @param path of `value`; as it was when this returns */
function collect(value: unknown, path: (string | number)[], found: ExpressionPlace[]): void {
  if (typeof value === 'string') {
    if (EXPRESSION.test(value)) found.push({ path: [...path], text: value });
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const isList = Array.isArray(value);
  for (const name of Object.keys(value)) {
    path.push(isList ? Number(name) : name);
    collect((value as Readonly<Record<string, unknown>>)[name], path, found);
    path.pop();
  }
}
