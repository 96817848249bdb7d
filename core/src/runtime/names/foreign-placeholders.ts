import type { JsonPath } from '../../definition/problem.js';
import { ROOTS } from '../../expression/names.js';
import type { DeployProblem } from '../deploy-problems.js';

const ROOT = `(?:${ROOTS.join('|')})`;
const ENV = /^(?:env|ENV|system|process\.env)[.:](\w+)(?::-?(.*))?$/s;
const VARIABLE = /^([A-Z][A-Z0-9_]*)(?::-?(.*))?$/s;
const NAMED = new RegExp(`^#?\\s*(${ROOT}\\s*(?:[.[?]).*)$`, 's');

/** How placeholders are written elsewhere: each form, its inside as the first group. */
const FORMS: readonly RegExp[] = [
  /\{\{\{?([^{}]+)\}?\}\}/g,
  /[$#]\{([^{}]+)\}/g,
  new RegExp(`(?<![$#{])\\{\\s*(${ROOT}[.[][^{}]*)\\}`, 'g'),
];
/** Members whose text may be a template of another language, which has the second form too. */
const TEMPLATES = new Set<unknown>(['body']);
const PROSE = new Set<unknown>(['name', 'description']);

/**
 * Texts that look like a placeholder of another product where one of ours is meant: `{{request.id}}`, `${KAFKA}`,
 * `#{message.id}`. They are taken literally; the warning gives the right spelling.
 */
export function foreignPlaceholders(value: unknown, path: JsonPath = []): readonly DeployProblem[] {
  if (typeof value === 'string') return PROSE.has(path.at(-1)) ? [] : inText(value, path);
  if (typeof value !== 'object' || value === null) return [];
  const isList = Array.isArray(value);
  return Object.entries(value).flatMap(([name, member]) =>
    foreignPlaceholders(member, [...path, isList ? Number(name) : name]),
  );
}

/** As {@link foreignPlaceholders}, only those of environment variables: for files in which expressions are not evaluated. */
export function foreignVariables(value: unknown): readonly DeployProblem[] {
  return foreignPlaceholders(value).filter(({ message }) => message.includes('did you mean ${env:'));
}

function inText(text: string, path: JsonPath): readonly DeployProblem[] {
  if (!text.includes('{')) return [];
  for (const form of FORMS) {
    for (const [whole, inside = ''] of text.matchAll(form)) {
      const meant = spelling(inside.trim(), whole, path);
      if (meant === undefined) continue;
      const message = `${whole} is taken literally; did you mean ${meant}?`;
      return [{ severity: 'warning', path, message }];
    }
  }
  return [];
}

/** Our spelling of the content of a placeholder; undefined where the text may well be literal. */
function spelling(inside: string, whole: string, path: JsonPath): string | undefined {
  const ofTemplate = whole.startsWith('$') && TEMPLATES.has(path.at(-1));
  const named = NAMED.exec(inside);
  if (named !== null) return ofTemplate ? undefined : `{#${named[1]}}`;
  if (whole.startsWith('${env:')) return undefined;
  const variable = ENV.exec(inside) ?? VARIABLE.exec(inside);
  if (variable === null) return undefined;
  const [, name, fallback] = variable;
  return fallback === undefined ? `\${env:${name}}` : `\${env:${name}:-${fallback}}`;
}
