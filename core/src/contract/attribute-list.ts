/**
 * An attribute as a list, as the definition format reads one: a JSON array gives its items as texts, another text is
 * split at its commas and trimmed, a collection is copied, any other value is the only item.
 */
export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return [...value];
  if (value instanceof Set) return [...value];
  if (typeof value !== 'string') return [value];
  const text = value.trim();
  if (text.startsWith('[')) {
    try {
      const items: unknown = JSON.parse(text);
      if (Array.isArray(items))
        return items.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
    } catch {
      // Not JSON: a text like any other.
    }
  }
  return text.split(',').map((item) => item.trim());
}
