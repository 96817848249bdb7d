import { basename } from 'node:path';
import { type ReadOptions, readJsonFile } from '../definition/json-file.js';
import type { Problem } from '../definition/problem.js';
import { foreignVariables } from '../runtime/names/foreign-placeholders.js';
import type { Subscribable } from '../runtime/running-push.js';
import { readWish } from './read-wish.js';
import type { DeclaredSubscription } from './take-up.js';

/** What the names of files of subscriptions end in. */
export const SUBSCRIPTION_SUFFIX = '.subscription.json';

type Environment = Readonly<Record<string, string | undefined>>;
type Find = (apiId: string) => Subscribable | undefined;

/**
 * Reads files of subscriptions. An id is the member `id`, else the file's name. A file with an error is left out and its
 * problems are told, with their places.
 */
export function readSubscriptions(
  files: readonly { readonly file: string; readonly text: string }[],
  environment: Environment,
  find: Find,
  options: ReadOptions = {},
): { readonly declared: readonly DeclaredSubscription[]; readonly problems: readonly Problem[] } {
  const declared = new Map<string, DeclaredSubscription>();
  const problems: Problem[] = [];
  for (const { file, text } of files) {
    const read = readOne(text, file, environment, find, options);
    problems.push(...read.problems);
    if (read.declared === undefined) continue;
    const { id, wish } = read.declared;
    const idle = find(wish.api)?.idle;
    if (idle !== undefined) {
      const message = `the API "${wish.api}" is not served (${idle}), so the subscription does not run`;
      problems.push({ severity: 'warning', path: '$.api', file, message });
    } else if (declared.has(id)) {
      const message = `another file declares a subscription with the id "${id}"`;
      problems.push({ severity: 'error', path: '$.id', file, message });
    } else declared.set(id, read.declared);
  }
  return { declared: [...declared.values()], problems };
}

function readOne(
  text: string,
  file: string,
  environment: Environment,
  find: Find,
  options: ReadOptions,
): { readonly declared?: DeclaredSubscription; readonly problems: readonly Problem[] } {
  const { value, problems: unreadable, problem } = readJsonFile(text, environment, file, options);
  if (value === undefined) return { problems: unreadable };
  const named = withId(value, basename(file).slice(0, -SUBSCRIPTION_SUFFIX.length));
  const { wish, id, status, problems: found } = readWish(named, find);
  const problems = [
    ...unreadable,
    ...[...found, ...foreignVariables(value)].map(({ path, message, severity }) =>
      problem(path, message, severity),
    ),
  ];
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
