import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { SecurityPlugin } from '../../contract/security.js';
import { parseJsonText } from '../../definition/json-text.js';
import { fillPlaceholders } from '../../definition/placeholders.js';
import { formatPath, type Problem } from '../../definition/problem.js';
import type { PluginRegistry } from '../registry.js';

type Content = Readonly<Record<string, unknown>>;

/** The contents of the data files beside the definitions, by the suffix of their names. */
export type PluginData = ReadonlyMap<string, readonly Content[]>;

/** No files. */
export const NO_DATA: PluginData = new Map();

/** The contents that are for one plan. */
export function dataOf(
  data: PluginData,
  { files }: SecurityPlugin,
  apiId: string,
  planId: string,
): readonly Content[] {
  if (files === undefined) return [];
  return (data.get(files.suffix) ?? []).filter(({ api, plan }) => api === apiId && plan === planId);
}

/**
 * Reads the data files of all plan securities in a folder. A file with a problem is left out, and the problem told:
 * whom it would have let in is then refused.
 * @throws Error when the folder cannot be read
 */
export async function readPluginData(
  folder: string,
  registry: PluginRegistry,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly data: PluginData; readonly problems: readonly Problem[] }> {
  const names = (await readdir(folder)).sort();
  const problems: Problem[] = [];
  const data = new Map<string, Content[]>();
  for (const { files, validateFiles } of registry.all('security')) {
    if (files === undefined) continue;
    const contents: Content[] = [];
    for (const name of names.filter((one) => one.endsWith(files.suffix))) {
      const path = join(folder, name);
      const read = checkDataText(
        await readFile(path, 'utf8'),
        relative(process.cwd(), path),
        validateFiles,
        environment,
      );
      if (Array.isArray(read)) problems.push(...read);
      else contents.push(read as Content);
    }
    data.set(files.suffix, contents);
  }
  return { data, problems };
}

/** The content of one data file, or every problem of it. */
export function checkDataText(
  text: string,
  file: string,
  validate: (value: unknown) => readonly { path: readonly (string | number)[]; message: string }[],
  environment: Readonly<Record<string, string | undefined>>,
): Content | readonly Problem[] {
  const parsed = parseJsonText(text);
  const severity = 'error' as const;
  if (!('locate' in parsed)) {
    return parsed.map(({ message, ...place }) => ({
      severity,
      path: '$',
      file,
      message: `not valid JSON: ${message}`,
      ...place,
    }));
  }
  const problems: Problem[] = [];
  const report = (path: readonly (string | number)[], message: string) =>
    problems.push({ severity, path: formatPath(path), file, message, ...parsed.locate(path) });
  const filled = fillPlaceholders(parsed.value, environment, (path, name) =>
    report(path, `the environment variable ${name} is not set and the placeholder has no default`),
  );
  for (const { path, message } of validate(filled)) report(path, message);
  return problems.length > 0 ? problems : (filled as Content);
}
