/** @typedef {{ path: string, type: string, fallback: string, description: string }} Option */

/**
 * Every option of a configuration schema, nested ones by their whole path; `[]` stands for each item of a list.
 * @returns {Option[]}
 */
export function optionsOf(schema, prefix = '') {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (member.properties !== undefined) return optionsOf(member, path);
    const fallback = required.has(name) ? 'required' : code(member.default);
    const own = { path, type: typeOf(member), fallback, description: member.description ?? '' };
    return member.items?.properties === undefined ? [own] : [own, ...optionsOf(member.items, `${path}[]`)];
  });
}

/** The options as a Markdown table. */
export function optionTable(options) {
  if (options.length === 0) return 'It has no options.\n';
  const rows = options.map(({ path, type, fallback, description }) =>
    row([`\`${path}\``, type, fallback, description]),
  );
  return [row(['option', 'type', 'default', 'description']), row(Array(4).fill('---')), ...rows, ''].join(
    '\n',
  );
}

/** One line of a Markdown table. */
export function row(cells) {
  return `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

function code(value) {
  return value === undefined ? '–' : `\`${JSON.stringify(value)}\``;
}

function typeOf(schema) {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}s`;
  const { minimum, maximum } = schema;
  if (minimum === undefined && maximum === undefined) return String(schema.type ?? 'any');
  return `${schema.type}, ${maximum === undefined ? `from ${minimum}` : `${minimum ?? ''} to ${maximum}`}`;
}
