import { ExpressionFault, ExpressionTooLarge } from './faults.js';
import { View } from './view.js';

const MAX_DEPTH = 500;
const known = new WeakSet<object>();

/** Says of a value that nobody else holds that it is JSON alone and within its bounds: it need not be copied. */
export function trusted(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) known.add(value);
  return value;
}

/**
 * A copy of a value that holds JSON alone: views and maps as objects, sets as lists, buffers as text, undefined as null.
 * @throws ExpressionTooLarge when it holds a function, is nested too deep, or is larger than `bytes` as JSON.
 */
export function plain(value: unknown, bytes = Number.POSITIVE_INFINITY): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value;
  if (typeof value === 'object' && known.has(value)) return value;
  return new Copier(bytes).copy(value, 0);
}

class Copier {
  #left: number;

  constructor(private readonly bytes: number) {
    this.#left = bytes;
  }

  copy(value: unknown, depth: number): unknown {
    if (depth > MAX_DEPTH) throw new ExpressionTooLarge(`the value is nested deeper than ${MAX_DEPTH}`);
    if (typeof value === 'string') return this.#text(value);
    if (typeof value !== 'object' || value === null) return this.#scalar(value);
    this.#spend(2);
    if (Buffer.isBuffer(value)) return this.#text(value.toString());
    if (Array.isArray(value) || value instanceof Set) {
      return Array.from(value, (item: unknown) => this.#item(item, depth));
    }
    return this.#object(entriesOf(value), depth);
  }

  #object(entries: Iterable<readonly [string, unknown]>, depth: number): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const [name, item] of entries) {
      if (item === undefined || typeof item === 'function') continue;
      this.#text(name);
      const value = this.#item(item, depth);
      // Assigned, this one name would change the prototype.
      if (name === '__proto__') Object.defineProperty(result, name, { value, enumerable: true });
      else result[name] = value;
    }
    return result;
  }

  #item(item: unknown, depth: number): unknown {
    this.#spend(1);
    return this.copy(item, depth + 1);
  }

  #scalar(value: unknown): unknown {
    this.#spend(4);
    if (value === undefined) return null;
    if (typeof value === 'bigint') return Number(value);
    if (typeof value === 'function' || typeof value === 'symbol') {
      throw new ExpressionFault(`the value is a ${typeof value}`);
    }
    return value;
  }

  #text(text: string): string {
    // A character takes one to six bytes of JSON; only texts that may not fit are counted exactly.
    const exact = text.length * 6 + 2 > this.#left && text.length <= this.#left;
    this.#spend(exact ? Buffer.byteLength(JSON.stringify(text)) : text.length + 2);
    return text;
  }

  #spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw new ExpressionTooLarge(`the result is larger than ${this.bytes} bytes`);
  }
}

function entriesOf(value: object): Iterable<readonly [string, unknown]> {
  if (value instanceof View) return Array.from(value.names(), (name) => [name, value.member(name)] as const);
  if (value instanceof Map) return Array.from(value, ([name, item]) => [String(name), item] as const);
  if (value instanceof Date) return Object.entries({ time: value.toISOString() });
  return Object.entries(value);
}
