/** A value with every buffer as text, to compare with what it was before. */
export function snapshot(value: unknown): string {
  return JSON.stringify(value, (_, member) => (member instanceof Map ? [...member] : member));
}

/** Freezes a value and everything in it; bytes cannot be frozen, so those are for {@link snapshot}. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
