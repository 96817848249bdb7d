import { ExpressionTooLarge } from './faults.js';

/** What an expression builds on the way may be this many times as large as its result. */
const FACTOR = 4;

/** Called by JSONata after each node, as its `__evaluate_exit`. */
export type AfterNode = (node: unknown, input: unknown, environment: unknown, result: unknown) => void;

/**
 * Bounds what JSONata builds: a value that holds itself twice, over and over, stays small in memory and is without
 * end as text. Sizes are remembered, so that a value costs what it adds.
 * @throws (the function it gives) ExpressionTooLarge
 */
export function boundedGrowth(resultBytes: number): AfterNode {
  const sizes = new WeakMap<object, number>();
  const sizeOf = (value: unknown): number => {
    if (typeof value === 'string') return value.length + 2;
    if (typeof value !== 'object' || value === null || isFunction(value)) return 4;
    const known = sizes.get(value);
    if (known !== undefined) return known;
    // A value that holds itself ends here; its size is set below.
    sizes.set(value, 2);
    let size = 2;
    for (const [name, item] of Object.entries(value)) size += name.length + sizeOf(item);
    sizes.set(value, size);
    return size;
  };
  return (node, _input, _environment, result) => {
    const { type, group } = node as { type?: unknown; group?: unknown };
    if (type !== 'unary' && group === undefined) return;
    if (sizeOf(result) > resultBytes * FACTOR) {
      throw new ExpressionTooLarge(`the expression builds a value larger than ${resultBytes * FACTOR} bytes`);
    }
  };
}

function isFunction(value: object): boolean {
  const marks = value as { _jsonata_function?: unknown; _jsonata_lambda?: unknown };
  return marks._jsonata_function === true || marks._jsonata_lambda === true;
}
