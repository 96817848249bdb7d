import { randomUUID } from 'node:crypto';
import { ExpressionFault } from './faults.js';
import { single, textOf } from './operations.js';

/** A static method of a Java type that expressions may call. */
export interface StaticMethod {
  /** The fewest and the most arguments. */
  readonly arity: readonly [least: number, most: number];
  /** @throws ExpressionFault for an argument that it does not take */
  run(args: readonly unknown[]): unknown;
}

const of = (least: number, run: StaticMethod['run'], most = least): StaticMethod => ({
  arity: [least, most],
  run,
});
const ofNumbers = (count: number, run: (...numbers: number[]) => number) =>
  of(count, (args) => finite(run(...args.map(number)), 'the result'));

function number(value: unknown): number {
  const one = single(value);
  if (typeof one !== 'number') throw new ExpressionFault('a number is wanted, not a text or null');
  return one;
}

function finite(value: number, what: string): number {
  if (!Number.isFinite(value)) throw new ExpressionFault(`${what} is not a number`);
  return value;
}

/** Of a text or a number; integers of more than 53 bits cannot be represented and are refused. */
function integer(what: string, least: number, most: number): StaticMethod {
  return of(1, ([value]) => {
    const text = textOf(value);
    const read = Number(text);
    if (!/^[+-]?\d+$/.test(text) || read < least || read > most) {
      throw new ExpressionFault(`the value is no ${what}`);
    }
    return read;
  });
}

const int = integer('Integer', -(2 ** 31), 2 ** 31 - 1);
const long = integer('Long within 53 bits', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
const real = of(1, ([value]) => {
  const text = textOf(value).trim();
  return finite(/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN, 'the value');
});
const boolean = of(1, ([value]) => single(value) === true || textOf(value).toLowerCase() === 'true');

function moment(value: number): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) throw new ExpressionFault('the value is no moment');
  return date.toISOString();
}

/** `YYYY-MM-DD` in UTC. */
function day(value: number): string {
  return moment(value).slice(0, 10);
}

const readDay = of(1, ([value]) => {
  const text = textOf(value);
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // What is no day, such as 30 February, is read as a later one.
  if (Number.isNaN(date) || day(date) !== text)
    throw new ExpressionFault('the value is no date such as 2030-12-31');
  return text;
});

const readMoment = of(1, ([value]) => {
  const text = textOf(value);
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/.test(text)) {
    throw new ExpressionFault('the value is no moment such as 2030-12-31T23:59:59Z');
  }
  return moment(Date.parse(text));
});

const pad = (value: unknown, length: number) => String(number(value)).padStart(length, '0');

/** The static methods of each Java type; moments and dates are texts of ISO 8601, in UTC. */
export const STATICS: Readonly<Record<string, Readonly<Record<string, StaticMethod>>>> = {
  'java.lang.Integer': { parseInt: int, valueOf: int },
  'java.lang.Long': { parseLong: long, valueOf: long },
  'java.lang.Double': { parseDouble: real, valueOf: real },
  'java.lang.Float': { parseFloat: real, valueOf: real },
  'java.lang.Boolean': { parseBoolean: boolean, valueOf: boolean },
  'java.lang.String': { valueOf: of(1, ([value]) => (single(value) === null ? 'null' : textOf(value))) },
  'java.lang.Math': {
    abs: ofNumbers(1, Math.abs),
    ceil: ofNumbers(1, Math.ceil),
    floor: ofNumbers(1, Math.floor),
    max: ofNumbers(2, Math.max),
    min: ofNumbers(2, Math.min),
    pow: ofNumbers(2, (base, exponent) => base ** exponent),
    random: of(0, () => Math.random()),
    round: ofNumbers(1, Math.round),
    signum: ofNumbers(1, Math.sign),
    sqrt: ofNumbers(1, Math.sqrt),
  },
  'java.lang.System': { currentTimeMillis: of(0, () => Date.now()) },
  'java.util.UUID': { randomUUID: of(0, () => randomUUID()) },
  'java.time.Instant': {
    now: of(0, () => moment(Date.now())),
    ofEpochMilli: of(1, ([value]) => moment(number(value))),
    ofEpochSecond: of(1, ([value]) => moment(number(value) * 1000)),
    parse: readMoment,
  },
  'java.time.LocalDate': {
    now: of(0, () => day(Date.now())),
    of: of(3, ([year, month, date]) => readDay.run([`${pad(year, 4)}-${pad(month, 2)}-${pad(date, 2)}`])),
    parse: readDay,
  },
};

/** Constants of these types. */
export const STATIC_CONSTANTS: Readonly<Record<string, number | boolean>> = {
  'java.lang.Integer.MAX_VALUE': 2 ** 31 - 1,
  'java.lang.Integer.MIN_VALUE': -(2 ** 31),
  'java.lang.Math.PI': Math.PI,
  'java.lang.Math.E': Math.E,
  'java.lang.Boolean.TRUE': true,
  'java.lang.Boolean.FALSE': false,
};

/** The whole name of a type; those of `java.lang` may be written without it. */
export function typeName(written: string): string | undefined {
  if (Object.hasOwn(STATICS, written)) return written;
  const whole = `java.lang.${written}`;
  return Object.hasOwn(STATICS, whole) ? whole : undefined;
}

/** Calls a static method by `type.method`. @throws ExpressionFault when there is none of that name, or what it says */
export function callStatic(name: string, args: readonly unknown[]): unknown {
  const dot = name.lastIndexOf('.');
  const methods = STATICS[name.slice(0, dot)] ?? {};
  const method = name.slice(dot + 1);
  const found = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (found === undefined) throw new ExpressionFault(`there is no method "${name}"`);
  return found.run(args);
}
