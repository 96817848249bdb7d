import { ROOTS } from './names.js';
import type { Scope } from './scope-type.js';
import { LookupView, View } from './view.js';

/** The roots as the object that JSONata reads: each worked out when it is asked for. */
export function jsonataInput(scope: Scope): unknown {
  return seen(new LookupView(scope, () => ROOTS.filter((name) => (scope(name) ?? null) !== null)));
}

const SUBJECT = Symbol('view');

/** A value as JSONata can read it: views and maps as objects, sets as lists, buffers as texts. */
function seen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof View) return new Proxy(Object.create(null), new ViewHandler(value));
  if (value instanceof Map) {
    const map: ReadonlyMap<unknown, unknown> = value;
    return seen(
      new LookupView(
        (name) => map.get(name),
        () => Array.from(map.keys(), String),
      ),
    );
  }
  if (value instanceof Set) return Array.from(value, seen);
  return Buffer.isBuffer(value) ? value.toString() : value;
}

/** The view behind what JSONata was given, so that functions of ours get what they would get without it. */
export function unseen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return (value as { [SUBJECT]?: View })[SUBJECT] ?? value;
}

class ViewHandler implements ProxyHandler<object> {
  constructor(private readonly view: View) {}

  get(_target: object, name: string | symbol): unknown {
    if (typeof name === 'symbol') return name === SUBJECT ? this.view : undefined;
    return seen(this.view.member(name)) ?? undefined;
  }

  has(target: object, name: string | symbol): boolean {
    return this.get(target, name) !== undefined;
  }

  ownKeys(): string[] {
    return [...new Set(this.view.names())];
  }

  getOwnPropertyDescriptor(target: object, name: string | symbol): PropertyDescriptor | undefined {
    const value = this.get(target, name);
    return value === undefined ? undefined : { value, enumerable: true, configurable: true, writable: true };
  }

  set(): boolean {
    return false;
  }
}
