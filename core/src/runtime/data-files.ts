import type { SecurityPlugin } from '../contract/security.js';
import { type JsonFile, type ReadOptions, readJsonFile } from '../definition/json-file.js';
import type { ApiDefinition } from '../definition/model.js';
import { POLICY_GROUP_SCHEMA, POLICY_GROUP_SUFFIX, spellPolicyGroup } from '../definition/policy-group.js';
import type { Problem } from '../definition/problem.js';
import { compileLate, suggestion, type Validate } from '../definition/validator.js';
import type { FoundFile } from './definition-folder.js';
import { foreignVariables } from './names/foreign-placeholders.js';
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
    { suffix: POLICY_GROUP_SUFFIX, validate: validatePolicyGroup, normalize: spellPolicyGroup },
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

/** A data file that is sound. */
interface ReadData {
  readonly content: Content;
  readonly problem: JsonFile['problem'];
}

/** What the data files of a folder say. */
export interface ReadDataFiles {
  readonly data: DataContents;
  /** A file with a problem is left out: whom it would have let in is then refused. */
  readonly problems: readonly Problem[];
  /** Warnings of files that are for a plan that no definition has. */
  unused(definitions: readonly ApiDefinition[]): readonly Problem[];
}

/** The suffixes of all kinds of data files, whether the plugins that know them are loaded or not. */
export function dataSuffixes(registry: PluginRegistry): readonly string[] {
  const ofSecurities = registry.names('security').flatMap(({ files }) => files ?? []);
  return [...ofSecurities.map(({ suffix }) => suffix), POLICY_GROUP_SUFFIX];
}

/**
 * Reads the data files among those of a folder; the plugins that know them are loaded.
 * @throws Error when such a plugin cannot be loaded
 */
export async function readDataFiles(
  found: readonly FoundFile[],
  registry: PluginRegistry,
  environment: Readonly<Record<string, string | undefined>>,
  options: ReadOptions = {},
): Promise<ReadDataFiles> {
  const isThere = ({ suffix }: { readonly suffix: string }) =>
    found.some(({ name }) => name.endsWith(suffix));
  await registry.load(
    registry.names('security').filter(({ files }) => files !== undefined && isThere(files)),
  );
  const problems: Problem[] = [];
  const read = new Map<string, ReadData[]>();
  for (const kind of dataKinds(registry)) {
    const sound: ReadData[] = [];
    for (const { text, file } of found.filter(({ name }) => name.endsWith(kind.suffix))) {
      const json = readJsonFile(text, environment, file, options);
      const content = kind.normalize?.(json.value) ?? json.value;
      const own = json.value === undefined ? [] : kind.validate(content);
      const faults = [...json.problems, ...own.map(({ path, message }) => json.problem(path, message))];
      const doubts = foreignVariables(json.value).map(({ path, message }) =>
        json.problem(path, message, 'warning'),
      );
      problems.push(...faults, ...doubts);
      if (!faults.some(({ severity }) => severity === 'error')) {
        sound.push({ content: content as Content, problem: json.problem });
      }
    }
    read.set(kind.suffix, sound);
  }
  const data = new Map([...read].map(([suffix, sound]) => [suffix, sound.map(({ content }) => content)]));
  const ofPlans = [...read].flatMap(([suffix, sound]) => (suffix === POLICY_GROUP_SUFFIX ? [] : sound));
  return { data, problems, unused: (definitions) => unusedFiles(ofPlans, definitions) };
}

function unusedFiles(files: readonly ReadData[], definitions: readonly ApiDefinition[]): readonly Problem[] {
  return files.flatMap(({ content: { api, plan }, problem }) => {
    const found = definitions.find(({ id }) => id === api);
    if (found === undefined) {
      const ids = definitions.map(({ id }) => id);
      const message = `no definition has the id "${String(api)}"${suggestion(String(api), ids)}; the file is not used`;
      return [problem(['api'], message, 'warning')];
    }
    const plans = (found.plans ?? []).map(({ id }) => id);
    if (plans.includes(String(plan))) return [];
    const message = `the API "${found.id}" has no plan "${String(plan)}"${suggestion(String(plan), plans)}; the file is not used`;
    return [problem(['plan'], message, 'warning')];
  });
}
