/** A function that remembers its last `size` results, by argument; the oldest is forgotten first. */
export function remembering<T>(compute: (key: string) => T, size = 256): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = compute(key);
    if (known.size >= size) known.delete(known.keys().next().value ?? key);
    known.set(key, made);
    return made;
  };
}
