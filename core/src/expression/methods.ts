import { DATE_METHODS } from './date-methods.js';
import { ExpressionFault } from './faults.js';
import { matchesJava, splitJava } from './java-regex.js';
import { DEFAULT_LIMITS } from './limits.js';
import { equal, single, textOf } from './operations.js';
import { replaceable } from './text-growth.js';
import { at, View } from './view.js';

/** A method of Java that expressions may call. */
export interface Method {
  /** The fewest and the most arguments. */
  readonly arity: readonly [least: number, most: number];
  readonly gives: 'boolean' | 'number' | 'text' | 'list' | 'any';
  /** On null a method that gives a boolean is false, any other null; else this is asked. */
  run(target: unknown, args: readonly unknown[]): unknown;
}

type Gives = Method['gives'];

const method = (gives: Gives, least: number, most: number, run: Method['run']): Method => ({
  arity: [least, most],
  gives,
  run,
});
/** A method of texts; a list of one stands for its item, a number for its digits. */
const onText = (
  gives: Gives,
  least: number,
  most: number,
  run: (text: string, args: readonly unknown[]) => unknown,
) => method(gives, least, most, (target, args) => run(textOf(target), args));
const count = (value: unknown): number => {
  const one = Array.isArray(value) ? value : single(value);
  if (typeof one === 'string' || Array.isArray(one)) return one.length;
  if (one instanceof Map || one instanceof Set) return one.size;
  return [...(one instanceof View ? one.names() : Object.keys(Object(one)))].length;
};
const holds = (target: unknown, name: unknown): boolean => (at(target, textOf(name)) ?? null) !== null;
const integer = (value: unknown): number => {
  const number = Number(single(value) ?? Number.NaN);
  if (!Number.isInteger(number)) throw new ExpressionFault('an index is a whole number');
  return number;
};

function contains(target: unknown, [sought]: readonly unknown[]): boolean {
  if (Array.isArray(target)) return target.some((item) => equal(item, sought));
  if (target instanceof Set) return target.has(single(sought));
  if (target instanceof View || target instanceof Map) return holds(target, sought);
  return single(sought) !== null && textOf(target).includes(textOf(sought));
}

function substring(text: string, args: readonly unknown[]): string {
  const start = integer(args[0]);
  const end = args.length > 1 ? integer(args[1]) : text.length;
  if (start < 0 || end > text.length || start > end) {
    throw new ExpressionFault(
      `substring(${start}, ${end}) is outside of a text of ${text.length} characters`,
    );
  }
  return text.slice(start, end);
}

/** The methods of Java that expressions may call, by name. */
export const METHODS: Readonly<Record<string, Method>> = {
  contains: method('boolean', 1, 1, contains),
  containsKey: method('boolean', 1, 1, (target, [name]) => holds(target, name)),
  equals: method('boolean', 1, 1, (target, [other]) => equal(target, other)),
  isEmpty: method('boolean', 0, 0, (target) => count(target) === 0),
  isBlank: onText('boolean', 0, 0, (text) => text.trim() === ''),
  startsWith: onText('boolean', 1, 1, (text, [start]) => text.startsWith(textOf(start))),
  endsWith: onText('boolean', 1, 1, (text, [end]) => text.endsWith(textOf(end))),
  equalsIgnoreCase: onText(
    'boolean',
    1,
    1,
    (text, [other]) => single(other) !== null && text.toLowerCase() === textOf(other).toLowerCase(),
  ),
  matches: onText('boolean', 1, 1, (text, [pattern]) => matchesJava(textOf(pattern), text)),
  length: method('number', 0, 0, count),
  size: method('number', 0, 0, count),
  indexOf: method('number', 1, 1, (target, [sought]) =>
    Array.isArray(target)
      ? target.findIndex((item) => equal(item, sought))
      : textOf(target).indexOf(textOf(sought)),
  ),
  lastIndexOf: onText('number', 1, 1, (text, [sought]) => text.lastIndexOf(textOf(sought))),
  substring: onText('text', 1, 2, substring),
  toLowerCase: onText('text', 0, 0, (text) => text.toLowerCase()),
  toUpperCase: onText('text', 0, 0, (text) => text.toUpperCase()),
  trim: onText('text', 0, 0, (text) => text.trim()),
  concat: onText('text', 1, 1, (text, [more]) => text + textOf(more)),
  replace: onText('text', 2, 2, (text, [from, by]) => {
    replaceable(text, textOf(from), textOf(by), DEFAULT_LIMITS.resultBytes);
    return text.replaceAll(textOf(from), () => textOf(by));
  }),
  split: onText('list', 1, 1, (text, [separator]) => splitJava(textOf(separator), text)),
  toString: onText('text', 0, 0, (text) => text),
  get: method('any', 1, 1, (target, [key]) => at(target, single(key))),
  getFirst: method('any', 1, 1, (target, [key]) => at(at(target, single(key)), 0)),
  ...DATE_METHODS,
  getOrDefault: method('any', 2, 2, (target, [key, other]) => at(target, single(key)) ?? other),
};

/** Calls a method by its name. @throws ExpressionFault when there is none of that name, or what it says. */
export function callMethod(name: string, target: unknown, args: readonly unknown[]): unknown {
  const found = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (found === undefined) throw new ExpressionFault(`there is no method "${name}"`);
  if (target === null || target === undefined) return found.gives === 'boolean' ? false : null;
  return found.run(target, args);
}
