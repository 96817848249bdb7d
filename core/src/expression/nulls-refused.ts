import { ExpressionFault } from './faults.js';
import type { AfterNode } from './growth.js';

const COMPARISONS: readonly unknown[] = ['=', '!=', '<', '<=', '>', '>=', 'in'];

/**
 * Makes comparisons of JSONata fail where a side is missing or null, unless that side is written as `null`. In JSONata
 * itself `role != "guest"` holds for a client that has no role.
 * @throws (the function it gives) ExpressionFault
 */
export function nullsRefused(): AfterNode {
  const results = new WeakMap<object, unknown>();
  const isMissing = (side: unknown): boolean => {
    const { type, value } = side as { type?: unknown; value?: unknown };
    const isWritten = type === 'value' && value === null;
    return !isWritten && (results.get(side as object) ?? null) === null;
  };
  return (node, _input, _environment, result) => {
    const { type, value, lhs, rhs } = node as { type: unknown; value: unknown; lhs: unknown; rhs: unknown };
    results.set(node as object, result);
    if (type !== 'binary' || !COMPARISONS.includes(value)) return;
    // With null itself the comparison asks for what is missing.
    const sides = [lhs, rhs];
    if (sides.some((side) => (side as { value?: unknown }).value === null)) return;
    if (sides.some(isMissing))
      throw new ExpressionFault(`"${String(value)}" compares a value that is not there`);
  };
}
