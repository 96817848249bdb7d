/** A named value whose members are worked out when they are asked for. */
export abstract class View {
  /** The member of that name; undefined when there is none. */
  abstract member(name: string): unknown;
  /** The names of the members there are. */
  abstract names(): Iterable<string>;
}

/** A view of members that are computed from one subject, each by its own function. */
export class ComputedView<T> extends View {
  constructor(
    private readonly subject: T,
    private readonly members: Readonly<Record<string, (subject: T) => unknown>>,
  ) {
    super();
  }

  override member(name: string): unknown {
    return Object.hasOwn(this.members, name) ? this.members[name]?.(this.subject) : undefined;
  }

  override names(): Iterable<string> {
    return Object.keys(this.members).filter((name) => this.member(name) !== undefined);
  }
}

/** A view of a function from names to values. */
export class LookupView extends View {
  constructor(
    private readonly find: (name: string) => unknown,
    private readonly list: () => Iterable<string> = () => [],
  ) {
    super();
  }

  override member(name: string): unknown {
    return this.find(name);
  }

  override names(): Iterable<string> {
    return this.list();
  }
}

/** A view of an object whose members may be views. */
export function recordView(record: Readonly<Record<string, unknown>>): View {
  return new LookupView(
    (name) => (Object.hasOwn(record, name) ? record[name] : undefined),
    () => Object.keys(record),
  );
}

/**
 * The member `name` of any value: own members of objects, entries of maps. Of a list, what its items have under
 * that name, as JSONata reads a path. Undefined when there is none.
 */
export function member(value: unknown, name: string): unknown {
  if (value instanceof View) return value.member(name);
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return ofItems(value, name);
  if (value instanceof Map) return value.get(name);
  return Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

function ofItems(list: readonly unknown[], name: string): unknown {
  const found = list.map((item) => member(item, name)).filter((item) => item !== undefined);
  if (found.length < 2) return found[0];
  const flat = found.flat();
  return flat.length === 1 ? flat[0] : flat.length === 0 ? undefined : flat;
}

/**
 * The entry `index` of a list (negative from its end) or the character of a text; with a name, the member.
 * Undefined when there is none. A single other value is its own entry 0.
 */
export function at(value: unknown, index: unknown): unknown {
  if (typeof index === 'number') {
    if (Array.isArray(value)) return value.at(index);
    if (typeof value === 'string') return value.at(index);
    const own = member(value, String(index));
    return own === undefined && index === 0 && !(value instanceof View) ? value : own;
  }
  if (typeof index === 'string') return member(value, index);
  return undefined;
}
