type Json = Record<string, unknown>;

/** A string that `placeholders.ts` would fill; what comes of it is checked when the file is loaded. */
const PLACEHOLDER = String.raw`\$\{env:[A-Za-z_]`;

/**
 * A copy of a schema that also takes a placeholder wherever it asks for more than a string: a number, a boolean,
 * one of a list, or a pattern. For editors only, which see a file before its placeholders are filled.
 */
export function allowPlaceholders(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(allowPlaceholders);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(
    Object.entries(schema).map(([name, member]) => [
      name,
      LITERAL.has(name) ? member : allowPlaceholders(member),
    ]),
  );
  if (typeof copy.pattern === 'string') return { ...copy, pattern: `(?:${copy.pattern})|${PLACEHOLDER}` };
  if (copy.type === 'integer' || copy.type === 'number' || copy.type === 'boolean') {
    // `pattern` judges strings only, `minimum` and its like numbers only.
    return { ...copy, type: [copy.type, 'string'], pattern: PLACEHOLDER };
  }
  return Array.isArray(copy.enum) ? orPlaceholder(copy) : copy;
}

/** Members that hold values, or conditions that a placeholder must not meet. */
const LITERAL = new Set(['enum', 'const', 'default', 'examples', 'required', 'if']);

function orPlaceholder({ enum: values, type: _, ...rest }: Json): Json {
  return { ...rest, anyOf: [{ enum: values }, { type: 'string', pattern: PLACEHOLDER }] };
}
