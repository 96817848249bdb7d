import { ExpressionFault, ExpressionTooLarge } from './faults.js';
import { callStatic } from './java-statics.js';
import { compileJsonPath, parseJson } from './json-path.js';
import type { ExpressionLimits } from './limits.js';
import { remembering } from './memo.js';
import { callMethod } from './methods.js';
import { arithmetic, compare, equal, given, single, textOf, truth } from './operations.js';
import { plain } from './plain.js';
import { joinable, replaceable } from './text-growth.js';
import { at } from './view.js';

type Implementation = (...args: unknown[]) => unknown;

const query = remembering(compileJsonPath);

/** The functions that translated expressions call, and that JSONata has besides its own: by name, without the `$`. */
export const FUNCTIONS: Readonly<Record<string, Implementation>> = {
  at: (value, index) => at(value, single(index)),
  call: (target, method, ...args) => callMethod(String(method), target, args),
  static: (name, ...args) => callStatic(String(name), args),
  list: (...items) => items.map((item) => item ?? null),
  eq: equal,
  ne: (left, right) => !equal(left, right),
  lt: (left, right) => compare('<', left, right),
  le: (left, right) => compare('<=', left, right),
  gt: (left, right) => compare('>', left, right),
  ge: (left, right) => compare('>=', left, right),
  plus: (left, right) => arithmetic('+', left, right),
  minus: (left, right) => arithmetic('-', left, right),
  times: (left, right) => arithmetic('*', left, right),
  divide: (left, right) => arithmetic('/', left, right),
  divideReal: (left, right) => arithmetic('/', left, right, true),
  remainder: (left, right) => arithmetic('%', left, right),
  truth,
  given,
  jsonPath: (text, path) => query(textOf(path))(parseJson(single(text), 'the first argument of $jsonPath')),
  select: (value, path) => query(textOf(path))(value),
  jsonEscape: (text) => (single(text) === null ? null : JSON.stringify(textOf(text)).slice(1, -1)),
  eval: () => {
    throw new ExpressionFault('$eval is not available');
  },
};

/** Functions of JSONata that take more time or memory than its own bounds see, each with what is asked before it runs. */
export const GUARDS: Readonly<Record<string, (limits: ExpressionLimits, args: readonly unknown[]) => void>> =
  {
    // Compares each entry with each.
    distinct: (limits, [list]) => short(list, Math.floor(limits.listLength / 5)),
    sort: (limits, [list]) => short(list, limits.listLength),
    zip: (limits, lists) => void plain(lists, limits.resultBytes),
    join: (limits, [list, separator]) => joinable(list, separator, limits.textLength),
    replace: (limits, [text, pattern, by]) => {
      if (typeof text === 'string' && typeof by === 'string')
        replaceable(text, pattern, by, limits.textLength * 4);
    },
    string: (limits, [value, isPretty]) => {
      // Indented, each line may be a thousand times as long.
      const most = isPretty === true ? limits.resultBytes / 32 : limits.resultBytes;
      if (typeof value === 'object' && value !== null) plain(value, most);
    },
    toMillis: () => undefined,
    pad: (limits, [, width]) => {
      if (Math.abs(Number(width)) > limits.textLength)
        throw new ExpressionTooLarge('$pad makes a text too large');
    },
  };

/** Those of {@link GUARDS} that are cut off: JSONata makes a regular expression of the picture of a date. */
export const UNBOUNDED: readonly string[] = ['toMillis'];

function short(list: unknown, most: number): void {
  if (Array.isArray(list) && list.length > most) {
    throw new ExpressionTooLarge(`a list of ${list.length} entries, where ${most} is the most`);
  }
}
