/**
 * Whether a schema may come back to itself, so that the time of a check may double with each level of a content. References
 * that are no plain pointers count as leading back.
 */
export function isRecursive(schema: unknown): boolean {
  return visit(schema, schema, new Set(), new Set());
}

function visit(value: unknown, root: unknown, within: Set<unknown>, done: Set<unknown>): boolean {
  if (typeof value !== 'object' || value === null || done.has(value)) return false;
  if (within.has(value)) return true;
  within.add(value);
  const leadsBack = Object.entries(value).some(([name, part]) => {
    if (name === '$dynamicRef' || name === '$recursiveRef') return true;
    if (name !== '$ref' || typeof part !== 'string') return visit(part, root, within, done);
    const target = pointed(root, part);
    return target === undefined || visit(target, root, within, done);
  });
  within.delete(value);
  done.add(value);
  return leadsBack;
}

function pointed(root: unknown, reference: string): unknown {
  if (!/^#(?:\/|$)/.test(reference)) return undefined;
  let value = root;
  for (const step of reference.slice(1).split('/').slice(1)) {
    const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}
