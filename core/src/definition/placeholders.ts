import type { JsonPath } from './problem.js';

const PLACEHOLDER = /\$\{env:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/** Whether a JSON text may hold a placeholder: in these characters, or in others that an escape stands for. */
export function mayHavePlaceholders(text: string): boolean {
  return text.includes('${env:') || text.includes('\\u');
}

/**
 * Replaces `${env:NAME}` and `${env:NAME:-default}` in every string of a parsed document; the document stays as it is, and
 * what holds no placeholder is not copied. An empty variable counts as set. Only for files: a definition that arrives over
 * the network must not read our environment.
 * @param missing called for each variable without value and default
 */
export function fillPlaceholders(
  value: unknown,
  environment: Readonly<Record<string, string | undefined>>,
  missing: (path: JsonPath, name: string) => void,
): unknown {
  const path: (string | number)[] = [];
  const fillText = (text: string) =>
    text.replace(PLACEHOLDER, (whole, name: string, fallback: string | undefined) => {
      const found = environment[name] ?? fallback;
      if (found === undefined) missing([...path], name);
      return found ?? whole;
    });
  const fill = (part: unknown): unknown => {
    if (typeof part === 'string') return part.includes('${env:') ? fillText(part) : part;
    if (typeof part !== 'object' || part === null) return part;
    const isList = Array.isArray(part);
    let copy: Record<string, unknown> | undefined;
    for (const [name, member] of Object.entries(part)) {
      path.push(isList ? Number(name) : name);
      const filled = fill(member);
      path.pop();
      if (filled === member) continue;
      copy ??= (isList ? [...part] : { ...part }) as Record<string, unknown>;
      copy[name] = filled;
    }
    return copy ?? part;
  };
  return fill(value);
}
