/** Something wrong with a file or a definition, told so that it can be mended without reading our code. */
export interface Problem {
  /** An error keeps the definition from being deployed; a warning does not. */
  readonly severity: 'error' | 'warning';
  /** Where in the document: `$.listeners[0].paths[0].path`. */
  readonly path: string;
  readonly message: string;
  /** 1-based; absent when the definition did not come from a text. */
  readonly line?: number;
  readonly column?: number;
  readonly file?: string;
}

/** A place in a JSON document: member names and indexes from the root. */
export type JsonPath = readonly (string | number)[];

/** A path as people write it: `$.listeners[0]['odd name']`. */
export function formatPath(path: JsonPath): string {
  let text = '$';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += /^[A-Za-z_$][\w$-]*$/.test(part) ? `.${part}` : `['${part}']`;
  }
  return text;
}

/** A JSON pointer (RFC 6901), as ajv gives it, as a path; numbers in it are taken as indexes. */
export function pointerToPath(pointer: string): JsonPath {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** One line for a terminal: `file:line:column  error  $.path  message`. */
export function formatProblem(problem: Problem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':');
  return [place, problem.severity, problem.path, problem.message].filter((part) => part !== '').join('  ');
}
