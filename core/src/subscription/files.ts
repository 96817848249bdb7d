import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { parseJsonText } from '../definition/json-text.js';
import { fillPlaceholders } from '../definition/placeholders.js';
import { formatPath, type JsonPath, type Problem } from '../definition/problem.js';
import type { RunningApi } from '../runtime/deploy.js';
import { readWish } from './read-wish.js';
import type { DeclaredSubscription } from './take-up.js';

const SUFFIX = '.subscription.json';

/**
 * Reads every `*.subscription.json` of a folder, by name. Its id is the member `id`, else the file's name. A file with
 * an error is left out and its problems are told, with their places.
 */
export async function readSubscriptionFiles(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
  find: (apiId: string) => RunningApi | undefined,
): Promise<{ readonly declared: readonly DeclaredSubscription[]; readonly problems: readonly Problem[] }> {
  const declared = new Map<string, DeclaredSubscription>();
  const problems: Problem[] = [];
  for (const name of (await readdir(folder)).filter((file) => file.endsWith(SUFFIX)).sort()) {
    const path = join(folder, name);
    const file = relative(process.cwd(), path);
    const read = readSubscriptionText(await readFile(path, 'utf8'), file, environment, find);
    problems.push(...read.problems);
    if (read.declared === undefined) continue;
    const { id } = read.declared;
    if (declared.has(id)) {
      const message = `another file declares a subscription with the id "${id}"`;
      problems.push({ severity: 'error', path: '$.id', file, message });
    } else declared.set(id, read.declared);
  }
  return { declared: [...declared.values()], problems };
}

/** Reads one file's text. */
export function readSubscriptionText(
  text: string,
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
  find: (apiId: string) => RunningApi | undefined,
): { readonly declared?: DeclaredSubscription; readonly problems: readonly Problem[] } {
  const parsed = parseJsonText(text);
  if (!('locate' in parsed)) {
    const problems = parsed.map(
      ({ message, ...place }): Problem => ({
        severity: 'error',
        path: '$',
        file,
        message: `not valid JSON: ${message}`,
        ...place,
      }),
    );
    return { problems };
  }
  const problems: Problem[] = [];
  const report = (path: JsonPath, message: string, severity: Problem['severity']) =>
    problems.push({ severity, path: formatPath(path), message, file, ...parsed.locate(path) });
  const filled = fillPlaceholders(parsed.value, environment, (path, name) => {
    report(path, `the environment variable ${name} is not set and the placeholder has no default`, 'error');
  });
  const named = withId(filled, basename(file).slice(0, -SUFFIX.length));
  const { wish, id, status, problems: found } = readWish(named, find);
  for (const { path, message, severity } of found) report(path, message, severity);
  if (wish === undefined || id === undefined || problems.some(({ severity }) => severity === 'error')) {
    return { problems };
  }
  return { declared: { id, wish, status: status ?? 'ACCEPTED' }, problems };
}

function withId(document: unknown, id: string): unknown {
  return typeof document === 'object' && document !== null && !Array.isArray(document)
    ? { id, ...document }
    : document;
}
