/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What random conditions name: `properties['...']`. */
export const VALUES: Readonly<Record<string, unknown>> = {
  zero: 0,
  three: 3,
  half: 0.5,
  abc: 'abc',
  abd: 'abd',
  empty: '',
  ten: '10',
  yes: true,
  no: false,
  nothing: null,
  one: ['abc'],
  many: ['abc', 'abd'],
};

type Text = { readonly spel: string; readonly value: unknown };

/** A random condition in SpEL, and its value by rules that are written down here a second time. */
export function randomCondition(random: () => number, depth: number): Text {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const again = () => randomCondition(random, depth - 1);
  const kind =
    depth <= 0 ? 'compare' : pick(['and', 'or', 'not', 'compare', 'null', 'method', 'if', 'access']);
  if (kind === 'and' || kind === 'or') {
    const [left, right] = [again(), again()];
    const operator = kind === 'and' ? pick(['&&', 'and', 'AND']) : pick(['||', 'or']);
    const value =
      kind === 'and' ? holds(left.value) && holds(right.value) : holds(left.value) || holds(right.value);
    return { spel: `(${left.spel} ${operator} ${right.spel})`, value };
  }
  if (kind === 'not') {
    const inner = again();
    return { spel: `${pick(['!', 'not '])}(${inner.spel})`, value: !holds(inner.value) };
  }
  if (kind === 'if') {
    const [test, yes, no] = [again(), again(), again()];
    return {
      spel: `(${test.spel} ? ${yes.spel} : ${no.spel})`,
      value: holds(test.value) ? yes.value : no.value,
    };
  }
  if (kind === 'access') return operand(pick, ['yes', 'no', 'nothing', 'missing', 'abc']);
  if (kind === 'null') {
    const value = operand(pick, [...Object.keys(VALUES), 'missing']);
    const [operator, same] = pick([['==', true] as const, ['!=', false] as const]);
    return { spel: `${value.spel} ${operator} null`, value: (value.value === null) === same };
  }
  if (kind === 'method') return randomMethod(pick);
  return randomComparison(pick);
}

type Pick = <T>(items: readonly T[]) => T;

function randomMethod(pick: Pick): Text {
  const on = operand(pick, ['abc', 'abd', 'empty', 'nothing', 'missing', 'one']);
  const part = pick(['a', 'bc', 'abc', '']);
  const method = pick(['startsWith', 'endsWith', 'equals', 'equalsIgnoreCase']);
  const text = unwrapped(on.value);
  if (typeof text !== 'string') return { spel: `${on.spel}.${method}('${part}')`, value: false };
  const value = { startsWith: text.startsWith(part), endsWith: text.endsWith(part) }[method] ?? text === part;
  return { spel: `${on.spel}.${method}('${part}')`, value };
}

function randomComparison(pick: Pick): Text {
  const names = pick([
    ['zero', 'three', 'half', 'ten', 'missing', 'nothing'],
    ['abc', 'abd', 'empty', 'one', 'missing'],
  ]);
  const left = operand(pick, names);
  const right = operand(pick, names);
  const operator = pick(['==', '!=', '<', '<=', '>', '>=', 'eq', 'ne', 'lt', 'le', 'gt', 'ge']);
  return {
    spel: `${left.spel} ${operator} ${right.spel}`,
    value: compared(operator, left.value, right.value),
  };
}

function operand(pick: Pick, names: readonly string[]): Text {
  const name = pick(names);
  const value = VALUES[name] ?? null;
  const literal =
    typeof value === 'string'
      ? `'${value}'`
      : name === 'missing' || Array.isArray(value)
        ? null
        : String(value);
  const spel = pick([`#properties['${name}']`, `properties.${name}`, literal ?? `#properties['${name}']`]);
  return { spel, value };
}

function holds(value: unknown): boolean {
  return value === true || value === 'true';
}

function unwrapped(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}

function compared(operator: string, left: unknown, right: unknown): boolean {
  const [a, b] = [unwrapped(left), unwrapped(right)];
  if (operator === '==' || operator === 'eq') return a === b;
  if (operator === '!=' || operator === 'ne') return a !== b;
  if (a === null || b === null) return false;
  const texts = typeof a === 'string' && typeof b === 'string';
  const difference = texts ? (a < b ? -1 : a > b ? 1 : 0) : Number(a) - Number(b);
  if (operator === '<' || operator === 'lt') return difference < 0;
  if (operator === '<=' || operator === 'le') return difference <= 0;
  return operator === '>' || operator === 'gt' ? difference > 0 : difference >= 0;
}
