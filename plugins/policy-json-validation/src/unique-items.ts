/**
 * The first two entries of a list that are equal as JSON, whatever the order of members; undefined when none are. Takes
 * time in proportion to the list as text, where a comparison of each with each takes the square.
 * @throws RangeError when entries are nested too deep
 */
export function equalItems(list: readonly unknown[]): readonly [first: number, second: number] | undefined {
  const seen = new Map<unknown, number>();
  for (const [index, item] of list.entries()) {
    const key = typeof item === 'object' && item !== null ? `o${canonical(item)}` : primitive(item);
    const first = seen.get(key);
    if (first !== undefined) return [first, index];
    seen.set(key, index);
  }
  return undefined;
}

/** Texts are marked: others are told apart by their type. */
function primitive(value: unknown): unknown {
  return typeof value === 'string' ? `s${value}` : value;
}

function canonical(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += `,${canonical(item)}`;
    return `[${text}]`;
  }
  const record = value as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(record).sort())
    text += `,${JSON.stringify(name)}:${canonical(record[name])}`;
  return `{${text}}`;
}
