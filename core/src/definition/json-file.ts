import { parseJsonText, type TextPosition } from './json-text.js';
import { fillPlaceholders, mayHavePlaceholders } from './placeholders.js';
import { formatPath, type JsonPath, type Problem } from './problem.js';

/** How files with placeholders are read. */
export interface ReadOptions {
  /** How bad a placeholder without a value is; an error when absent. */
  readonly missingVariables?: Problem['severity'];
}

/** A JSON file with its placeholders filled; `value` is absent when it is not JSON. */
export interface JsonFile {
  readonly value?: unknown;
  /** Of its syntax and its placeholders. */
  readonly problems: readonly Problem[];
  /** Makes a problem of a later step, with the member's place in the text. */
  problem(path: JsonPath, message: string, severity?: Problem['severity']): Problem;
}

/**
 * Reads the text of a JSON file.
 * @param environment for `${env:NAME}` placeholders
 * @param file named in problems
 */
export function readJsonFile(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
  file: string | undefined,
  { missingVariables = 'error' }: ReadOptions = {},
): JsonFile {
  const named = file === undefined ? {} : { file };
  const make = (path: JsonPath, message: string, severity: Problem['severity'], place?: TextPosition) =>
    ({ severity, path: formatPath(path), message, ...named, ...place }) as const;
  const parsed = parseJsonText(text);
  if (!('locate' in parsed)) {
    return {
      problem: (path, message, severity = 'error') => make(path, message, severity),
      problems: parsed.map(({ message, line, column }) =>
        make([], `not valid JSON: ${message}`, 'error', { line, column }),
      ),
    };
  }
  const problem = (path: JsonPath, message: string, severity: Problem['severity'] = 'error') =>
    make(path, message, severity, parsed.locate(path));
  const problems: Problem[] = [];
  if (!mayHavePlaceholders(text)) return { value: parsed.value, problems, problem };
  const value = fillPlaceholders(parsed.value, environment, (path, name) => {
    const message = `the environment variable ${name} is not set and the placeholder has no default`;
    problems.push(problem(path, message, missingVariables));
  });
  return { value, problems, problem };
}
