import type { JsonPath } from './problem.js';

const PLACEHOLDER = /\$\{env:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/**
 * Replaces `${env:NAME}` and `${env:NAME:-default}` in every string of a parsed document, on a copy. An empty
 * variable counts as set. Only for files: a definition that arrives over the network must not read our environment.
 * @param missing called for each variable without value and default
 */
export function fillPlaceholders(
  value: unknown,
  environment: Readonly<Record<string, string | undefined>>,
  missing: (path: JsonPath, name: string) => void,
  path: JsonPath = [],
): unknown {
  if (typeof value === 'string') {
    return value.replace(PLACEHOLDER, (whole, name: string, fallback: string | undefined) => {
      const found = environment[name] ?? fallback;
      if (found === undefined) missing(path, name);
      return found ?? whole;
    });
  }
  if (Array.isArray(value)) {
    return value.map((item, index) => fillPlaceholders(item, environment, missing, [...path, index]));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        name,
        fillPlaceholders(member, environment, missing, [...path, name]),
      ]),
    );
  }
  return value;
}
