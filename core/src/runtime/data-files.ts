import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { SecurityPlugin } from '../contract/security.js';
import { parseJsonText } from '../definition/json-text.js';
import { fillPlaceholders } from '../definition/placeholders.js';
import { POLICY_GROUP_SCHEMA, POLICY_GROUP_SUFFIX } from '../definition/policy-group.js';
import { formatPath, type Problem } from '../definition/problem.js';
import { spellMembers } from '../definition/spelling.js';
import { compileLate, type Validate } from '../definition/validator.js';
import type { PluginRegistry } from './registry.js';

type Content = Readonly<Record<string, unknown>>;

/** The contents of the data files beside the definitions, by the suffix of their names. */
export type DataContents = ReadonlyMap<string, readonly Content[]>;

/** No files. */
export const NO_DATA: DataContents = new Map();

/** A kind of data files: those of plan securities, and what core reads itself. */
export interface DataKind {
  readonly suffix: string;
  readonly validate: Validate;
  /** Brings a content to the spelling that `validate` knows; as it is when absent. */
  normalize?(content: unknown): unknown;
}

/** The kinds that this process knows. */
export function dataKinds(registry: PluginRegistry): readonly DataKind[] {
  const ofSecurities = registry
    .all('security')
    .flatMap(({ files, validateFiles }) =>
      files === undefined ? [] : [{ suffix: files.suffix, validate: validateFiles }],
    );
  return [
    ...ofSecurities,
    { suffix: POLICY_GROUP_SUFFIX, validate: validatePolicyGroup, normalize: spellMembers },
  ];
}

const validatePolicyGroup = compileLate(POLICY_GROUP_SCHEMA);

/** The contents that are for one plan. */
export function dataOf(
  data: DataContents,
  { files }: SecurityPlugin,
  apiId: string,
  planId: string,
): readonly Content[] {
  if (files === undefined) return [];
  return (data.get(files.suffix) ?? []).filter(({ api, plan }) => api === apiId && plan === planId);
}

/**
 * Reads the data files of all kinds in a folder; the plugins that know them are loaded. A file with a problem is left out, and the problem told:
 * whom it would have let in is then refused.
 * @throws Error when the folder cannot be read, or such a plugin cannot be loaded
 */
export async function readDataFiles(
  folder: string,
  registry: PluginRegistry,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly data: DataContents; readonly problems: readonly Problem[] }> {
  const names = (await readdir(folder)).sort();
  const isThere = ({ suffix }: { readonly suffix: string }) => names.some((one) => one.endsWith(suffix));
  await registry.load(
    registry.names('security').filter(({ files }) => files !== undefined && isThere(files)),
  );
  const problems: Problem[] = [];
  const data = new Map<string, Content[]>();
  for (const kind of dataKinds(registry)) {
    const contents: Content[] = [];
    for (const name of names.filter((one) => one.endsWith(kind.suffix))) {
      const path = join(folder, name);
      const file = relative(process.cwd(), path);
      const read = checkDataText(await readFile(path, 'utf8'), file, kind, environment);
      if (Array.isArray(read)) problems.push(...read);
      else contents.push(read as Content);
    }
    data.set(kind.suffix, contents);
  }
  return { data, problems };
}

/** The content of one data file, or every problem of it. */
export function checkDataText(
  text: string,
  file: string,
  { validate, normalize }: Omit<DataKind, 'suffix'>,
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
  const content = normalize?.(filled) ?? filled;
  for (const { path, message } of validate(content)) report(path, message);
  return problems.length > 0 ? problems : (content as Content);
}
