/**
 * Takes the members that are null out of an object and all below it, in place: in the format null stands for a member that
 * is absent. Items of lists stay.
 */
export function withoutNulls<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const [name, member] of Object.entries(value)) {
    if (member === null && !Array.isArray(value)) delete (value as Record<string, unknown>)[name];
    else withoutNulls(member);
  }
  return value;
}
