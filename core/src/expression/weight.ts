/**
 * About how large a value is as text, counted as far as `most`: characters of texts and numbers, bytes of buffers, names
 * of members.
 */
export function weightOf(value: unknown, most: number): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 4;
  if (Buffer.isBuffer(value)) return value.length;
  let weight = 2;
  const entries = value instanceof Map ? value.entries() : Object.entries(value);
  for (const [name, item] of entries) {
    weight += String(name).length + weightOf(item, most - weight);
    if (weight > most) break;
  }
  return weight;
}
