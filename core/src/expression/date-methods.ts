import { ExpressionFault } from './faults.js';
import type { Method } from './methods.js';
import { single, textOf } from './operations.js';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;
const DAY_MS = 86_400_000;

/** Milliseconds since the epoch of a date or a moment as text. @throws ExpressionFault when it is neither */
function epochMs(value: unknown): number {
  const text = textOf(value);
  const read = DAY.test(text) || MOMENT.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(read)) throw new ExpressionFault('the value is neither a date nor a moment in UTC');
  return read;
}

/** In the form of what it was made from: a date stays one. */
function shifted(from: unknown, by: number): string {
  const date = new Date(epochMs(from) + by);
  if (Number.isNaN(date.getTime())) throw new ExpressionFault('the result is no moment');
  return DAY.test(textOf(from)) ? date.toISOString().slice(0, 10) : date.toISOString();
}

function whole(value: unknown): number {
  const one = single(value);
  if (typeof one !== 'number' || !Number.isInteger(one))
    throw new ExpressionFault('a whole number is wanted');
  return one;
}

const method = (gives: Method['gives'], arity: 0 | 1, run: Method['run']): Method => ({
  arity: [arity, arity],
  gives,
  run,
});
const part = (read: (date: Date) => number) => method('number', 0, (value) => read(new Date(epochMs(value))));
const shift = (unitMs: number) =>
  method('text', 1, (value, [count]) => shifted(value, whole(count) * unitMs));

/** Methods of Java's Instant and LocalDate, which are texts of ISO 8601 here. */
export const DATE_METHODS: Readonly<Record<string, Method>> = {
  isAfter: method('boolean', 1, (value, [other]) => epochMs(value) > epochMs(other)),
  isBefore: method('boolean', 1, (value, [other]) => epochMs(value) < epochMs(other)),
  toEpochMilli: method('number', 0, epochMs),
  getEpochSecond: method('number', 0, (value) => Math.floor(epochMs(value) / 1000)),
  getYear: part((date) => date.getUTCFullYear()),
  getMonthValue: part((date) => date.getUTCMonth() + 1),
  getDayOfMonth: part((date) => date.getUTCDate()),
  plusMillis: shift(1),
  plusSeconds: shift(1000),
  minusSeconds: shift(-1000),
  plusDays: shift(DAY_MS),
  minusDays: shift(-DAY_MS),
};
