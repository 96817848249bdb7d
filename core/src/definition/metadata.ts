import type { ApiDefinition } from './model.js';

/**
 * What `api.metadata['key']` gives. Exports write a list of `{ key, value, defaultValue }`, in which a value that is
 * missing or empty is the default; other files write an object of values.
 */
export function metadataOf({
  metadata = [],
}: Pick<ApiDefinition, 'metadata'>): Readonly<Record<string, string>> {
  const entries = Array.isArray(metadata)
    ? metadata.map((one) => [one.key, given(one.value) ?? one.defaultValue] as const)
    : Object.entries(metadata);
  return Object.fromEntries(
    entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
  );
}

const given = (value: unknown) => (value === null || value === '' ? undefined : value);
