import { metadataOf } from '../../definition/metadata.js';
import type { ApiDefinition } from '../../definition/model.js';
import { POLICY_GROUP_STEP, type PolicyGroupDefinition } from '../../definition/policy-group.js';
import { formatPath, type JsonPath } from '../../definition/problem.js';
import { suggestion } from '../../definition/validator.js';
import { ALWAYS_NULL } from '../../expression/names.js';
import { type Reference, referencesIn } from '../../expression/references.js';
import { secretReferenceProblem } from '../../expression/secrets.js';
import type { DeployProblem } from '../deploy-problems.js';
import type { PluginRegistry } from '../registry.js';
import { AttributeNames, type NameProblem } from './attribute-names.js';
import { type TextPlace, textPlaces } from './text-places.js';

/** What the names in a definition's expressions are looked up in. */
export interface KnownNames {
  readonly registry: PluginRegistry;
  readonly groups: readonly PolicyGroupDefinition[];
  /** Of the providers of secrets. */
  readonly secretProviders: readonly string[];
}

/**
 * What expressions of a definition name that is not there: an error where it can only be a slip (a secret's provider, an
 * attribute that is nearly one of ours, anything in a rule of access), a warning where the format has it and it is null
 * here. Text that does not compile is reported by its compiler.
 */
export function nameProblems(definition: ApiDefinition, known: KnownNames): readonly DeployProblem[] {
  const names = new NameJudge(definition, known);
  return [
    ...names.problems(definition),
    ...groupSteps(definition).flatMap(({ path, id }) => {
      const group = known.groups.find((one) => one.id === id || one.crossId === id);
      if (group === undefined) return [];
      return names.problems({ steps: group.steps }).map((problem) => {
        const message = `in the group "${group.id}", ${formatPath(problem.path)}: ${problem.message}`;
        return { ...problem, path, message };
      });
    }),
  ];
}

/** The steps in use that name a shared policy group: where, and which. */
function groupSteps(definition: ApiDefinition): readonly { readonly path: JsonPath; readonly id: unknown }[] {
  const plans = (definition.plans ?? []).map(({ flows }, index) => ({
    flows,
    at: ['plans', index, 'flows'],
  }));
  return [{ flows: definition.flows, at: ['flows'] }, ...plans].flatMap(({ flows, at }) =>
    flows.flatMap((flow, index) =>
      PHASES.flatMap((phase) =>
        flow[phase].flatMap(({ enabled, policy, configuration }, step) => {
          if (!flow.enabled || !enabled || policy.toLowerCase() !== POLICY_GROUP_STEP) return [];
          const path = [...at, index, phase, step, 'configuration', 'sharedPolicyGroupId'];
          return [{ path, id: configuration.sharedPolicyGroupId }];
        }),
      ),
    ),
  );
}

const PHASES = ['request', 'response', 'publish', 'subscribe'] as const;

class NameJudge {
  readonly #attributes: AttributeNames;
  readonly #properties: readonly string[];
  readonly #endpoints: readonly string[];
  readonly #metadata: readonly string[];

  constructor(
    definition: ApiDefinition,
    private readonly known: KnownNames,
  ) {
    this.#attributes = new AttributeNames(definition, known.groups, known.registry);
    this.#properties = definition.properties.map(({ key }) => key);
    this.#metadata = Object.keys(metadataOf(definition));
    this.#endpoints = definition.endpointGroups.flatMap((group) => group.endpoints.map(({ name }) => name));
  }

  problems(document: object): readonly DeployProblem[] {
    const found: DeployProblem[] = [];
    for (const place of textPlaces(document)) {
      for (const reference of referencesIn(place.text, place)) {
        const problem = this.problem(reference, place);
        if (problem !== undefined) found.push({ ...problem, path: place.path });
      }
    }
    return found;
  }

  problem([root, ...members]: Reference, { kind }: TextPlace): NameProblem | undefined {
    const [first, second] = members;
    const never = ALWAYS_NULL[root] ?? ALWAYS_NULL[`${root}.${first}`];
    if (never !== undefined) {
      const name = ALWAYS_NULL[root] === undefined ? `${root}.${first}` : root;
      return { severity: kind === 'rule' ? 'error' : 'warning', message: `${name} is always null: ${never}` };
    }
    const absent = absentRoot(root, kind);
    if (absent !== undefined) return { severity: kind === 'rule' ? 'error' : 'warning', message: absent };
    if (root === 'secrets' && first !== undefined) {
      const message = secretReferenceProblem(first, this.known.secretProviders);
      return message === undefined ? undefined : { severity: 'error', message };
    }
    if (root === 'context' && second !== undefined) return this.#attributes.problem(second, kind === 'rule');
    if (root === 'endpoints') return unlisted('an endpoint', first, this.#endpoints);
    if (root === 'properties') return unlisted('a property', first, this.#properties);
    if (root === 'api' && first === 'properties') return unlisted('a property', second, this.#properties);
    if (root === 'api' && first === 'metadata') return unlisted('metadata', second, this.#metadata);
    return undefined;
  }
}

/** What a root that is null in a place of this kind, in words; undefined where it has a value. */
function absentRoot(root: string, kind: TextPlace['kind']): string | undefined {
  if (root === 'message' && kind !== 'message') {
    return `there is no message here: ${kind === 'rule' ? 'a rule' : 'this'} is evaluated once for the whole exchange`;
  }
  if (kind === 'rule' && root === 'response') return 'there is no response yet when a rule is evaluated';
  if ((root === 'error' || root === 'parameters') && kind !== 'error') {
    return `"${root}" has a value in response templates only`;
  }
  return undefined;
}

function unlisted(what: string, name: string | undefined, known: readonly string[]): NameProblem | undefined {
  if (name === undefined || known.includes(name)) return undefined;
  const message = `the API does not have ${what} "${name}"${suggestion(name, known)}`;
  return { severity: 'warning', message };
}
