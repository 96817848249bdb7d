/** Every member of a document that can be replaced or removed: what holds it, and its name there. */
export function* placesIn(value: unknown): Iterable<readonly [Record<string, unknown>, string]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    yield [value as Record<string, unknown>, name];
    yield* placesIn(member);
  }
}

/** Replaces one member of a document in place, or removes it when the value is undefined. @param at which, counted around */
export function mutate(document: unknown, at: number, value: unknown): void {
  const places = [...placesIn(document)];
  const place = places[at % places.length];
  if (place === undefined) return;
  const [holder, name] = place;
  if (value === undefined) delete holder[name];
  else holder[name] = value;
}
