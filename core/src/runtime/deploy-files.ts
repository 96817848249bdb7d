import { type LoadedDefinition, loadDefinition } from '../definition/load.js';
import { POLICY_GROUP_SUFFIX, type PolicyGroupDefinition } from '../definition/policy-group.js';
import type { Problem } from '../definition/problem.js';
import { readSubscriptions, SUBSCRIPTION_SUFFIX } from '../subscription/files.js';
import type { DeclaredSubscription } from '../subscription/take-up.js';
import { type DataContents, dataSuffixes, readDataFiles } from './data-files.js';
import { type FoundFile, readDefinitionFiles } from './definition-folder.js';
import type { Gateway } from './gateway.js';
import { namedInGroup, namedPlugins } from './named-plugins.js';
import type { PluginRegistry } from './registry.js';

/** What files are deployed to, and by which rules. */
export interface FileDeployment {
  /** One of dry runs to check them. */
  readonly gateway: Gateway;
  /** Plugins that the files name are loaded. */
  readonly registry: PluginRegistry;
  /** For placeholders. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How a folder is named in problems. */
  readonly named?: (folder: string) => string;
  /** How bad a placeholder without a value is; an error when absent. */
  readonly missingVariables?: Problem['severity'];
}

/** What became of files. */
export interface DeployedFiles {
  /** As they are named in problems, in the order they were taken. */
  readonly files: readonly string[];
  /** Of all of them; in the order of kinds: data, definitions, subscriptions. */
  readonly problems: readonly Problem[];
  /** How many definitions there are, broken ones too. */
  readonly definitions: number;
  readonly declared: readonly DeclaredSubscription[];
}

/**
 * Deploys every file at some paths (see {@link readDefinitionFiles}): the one way in which definitions, policy groups, keys
 * and subscriptions are read, whether they are then served or only checked. A file with an error is left out, and takes no
 * path and no id from the others.
 * @throws Error when a folder cannot be read, or a plugin that is named cannot be loaded
 */
export async function deployFiles(paths: readonly string[], to: FileDeployment): Promise<DeployedFiles> {
  const { gateway, registry, environment } = to;
  const suffixes = dataSuffixes(registry);
  const { files, problems: unreadable } = await readDefinitionFiles(paths, suffixes, to.named);
  const options = to.missingVariables === undefined ? {} : { missingVariables: to.missingVariables };
  const { data, problems, unused } = await readDataFiles(files, registry, environment, options);
  gateway.offer({ data });
  const isOther = ({ name }: FoundFile) =>
    [SUBSCRIPTION_SUFFIX, ...suffixes].some((suffix) => name.endsWith(suffix));
  const definitions = files
    .filter((file) => !isOther(file))
    .map(({ text, file }) => loadDefinition(text, environment, file, options));
  await registry.load([...pluginsOf(data, definitions)]);
  const found = definitions.flatMap((loaded) => gateway.deploy(loaded));
  const known = definitions.flatMap(({ definition }) => (definition === undefined ? [] : [definition]));
  const subscriptions = readSubscriptions(
    files.filter(({ name }) => name.endsWith(SUBSCRIPTION_SUFFIX)),
    environment,
    (id) => gateway.subscribable(id),
    options,
  );
  // What a broken definition has is not known.
  const idle = known.length < definitions.length || known.length === 0 ? [] : unused(known);
  return {
    files: files.map(({ file }) => file),
    problems: [...unreadable, ...problems, ...idle, ...found, ...subscriptions.problems],
    definitions: definitions.length,
    declared: subscriptions.declared,
  };
}

function* pluginsOf(data: DataContents, definitions: readonly LoadedDefinition[]) {
  const groups = (data.get(POLICY_GROUP_SUFFIX) ?? []) as unknown as readonly PolicyGroupDefinition[];
  for (const group of groups) yield* namedInGroup(group);
  for (const { definition } of definitions) if (definition !== undefined) yield* namedPlugins(definition);
}
