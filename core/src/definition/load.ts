import { type ReadOptions, readJsonFile } from './json-file.js';
import type { ApiDefinition } from './model.js';
import type { JsonPath, Problem } from './problem.js';
import { DEFINITION_SCHEMA } from './schema.js';
import { normalizeSpelling } from './spelling.js';
import { compileLate, isIgnored } from './validator.js';

/** A text read as an API definition. */
export interface LoadedDefinition {
  /** Absent when a problem of severity `error` was found. */
  readonly definition?: ApiDefinition;
  /** Its id, as far as one can be read. */
  readonly id?: string;
  /** The file it came from, as it is named in problems. */
  readonly file?: string;
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
 */
export function loadDefinition(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
  file?: string,
  options: ReadOptions = {},
): LoadedDefinition {
  const named = file === undefined ? {} : { file };
  const read = readJsonFile(text, environment, file, options);
  const problems: Problem[] = [...read.problems];
  if (read.value === undefined) return { problems, problem: read.problem, ...named };
  const { api, locate } = normalizeSpelling(read.value);
  const problem: LoadedDefinition['problem'] = (path, message, severity) =>
    read.problem(locate(path), message, severity);
  if (typeof api !== 'object' || api === null || Array.isArray(api)) {
    problems.push(problem([], 'an API definition is a JSON object'));
    return { problems, problem, ...named };
  }
  for (const found of validate(api)) {
    const { path, message } = found;
    // The format ignores what it does not know; a slip in a member of ours must not be taken for such a thing.
    const ignored = isIgnored(found);
    problems.push(
      problem(path, ignored ? `${message}; it is ignored` : message, ignored ? 'warning' : 'error'),
    );
  }
  const { id } = api as { readonly id?: unknown };
  const failed = problems.some(({ severity }) => severity === 'error');
  return {
    ...(failed ? {} : { definition: api as ApiDefinition }),
    ...(typeof id === 'string' && id !== '' ? { id } : {}),
    ...named,
    problems,
    problem,
  };
}
