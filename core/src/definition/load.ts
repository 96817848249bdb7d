import { parseJsonText, type TextPosition } from './json-text.js';
import type { ApiDefinition } from './model.js';
import { fillPlaceholders, mayHavePlaceholders } from './placeholders.js';
import { formatPath, type JsonPath, type Problem } from './problem.js';
import { DEFINITION_SCHEMA } from './schema.js';
import { normalizeSpelling } from './spelling.js';
import { compileLate } from './validator.js';

/** A text read as an API definition. */
export interface LoadedDefinition {
  /** Absent when a problem of severity `error` was found. */
  readonly definition?: ApiDefinition;
  /** All problems of the document, not only the first. */
  readonly problems: readonly Problem[];
  /** Makes a problem of a later step (plugins, deployment) with the member's place in the text. */
  problem(path: JsonPath, message: string, severity?: Problem['severity']): Problem;
}

const validate = compileLate(DEFINITION_SCHEMA);

/**
 * Reads one `*.api.json` text: syntax, placeholders, spelling, shape. What plugins must check comes when it is
 * deployed.
 * @param environment for `${env:NAME}` placeholders
 * @param file named in problems
 * @param options.missingVariables how bad a placeholder without a value is; an error unless told otherwise
 */
export function loadDefinition(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
  file?: string,
  options: { readonly missingVariables?: Problem['severity'] } = {},
): LoadedDefinition {
  const named = file === undefined ? {} : { file };
  const parsed = parseJsonText(text);
  if (!('locate' in parsed)) {
    const at = (path: JsonPath, message: string): Problem => ({
      severity: 'error',
      path: formatPath(path),
      message,
      ...named,
    });
    const problems = parsed.map(
      ({ line, column, message }): Problem => ({ ...at([], `not valid JSON: ${message}`), line, column }),
    );
    return { problems, problem: at };
  }

  const problems: Problem[] = [];
  const report = (path: JsonPath, message: string, severity: Problem['severity'], place: TextPosition) =>
    ({ severity, path: formatPath(path), message, ...named, ...place }) as const;
  const missing = (path: JsonPath, name: string) => {
    const message = `the environment variable ${name} is not set and the placeholder has no default`;
    problems.push(report(path, message, options.missingVariables ?? 'error', parsed.locate(path)));
  };
  const filled = mayHavePlaceholders(text)
    ? fillPlaceholders(parsed.value, environment, missing)
    : parsed.value;
  const { api, locate } = normalizeSpelling(filled);
  const problem = (path: JsonPath, message: string, severity: Problem['severity'] = 'error'): Problem =>
    report(locate(path), message, severity, parsed.locate(locate(path)));

  if (typeof api !== 'object' || api === null || Array.isArray(api)) {
    problems.push(problem([], 'an API definition is a JSON object'));
  } else {
    for (const { path, message, unknownMember, meant } of validate(api)) {
      // The format ignores what it does not know; a slip in a member of ours must not be taken for such a thing.
      const ignored = unknownMember && meant?.extension !== true;
      problems.push(
        problem(path, ignored ? `${message}; it is ignored` : message, ignored ? 'warning' : 'error'),
      );
    }
  }
  const failed = problems.some(({ severity }) => severity === 'error');
  return { ...(failed ? {} : { definition: api as ApiDefinition }), problems, problem };
}
