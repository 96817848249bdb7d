import type { ApiDefinition, FlowDefinition, StepDefinition } from '../../definition/model.js';
import type { PolicyGroupDefinition } from '../../definition/policy-group.js';
import {
  BUILT_IN_ATTRIBUTES,
  STEERING_ATTRIBUTES,
  shortAttributeName,
  UNSET_ATTRIBUTES,
} from '../../expression/attributes-view.js';
import { near } from '../../expression/names.js';
import { securityTypeOf } from '../plan/security-type.js';
import type { PluginRegistry } from '../registry.js';

/** What is wrong with the name of an attribute. */
export interface NameProblem {
  readonly message: string;
  readonly severity: 'error' | 'warning';
}

/** Judges which attributes of an exchange the expressions of one definition may name. */
export class AttributeNames {
  /** Short names of what is set before any flow runs. */
  readonly #before = new Set<string>(BUILT_IN_ATTRIBUTES);
  /** Short names of all other texts in the configurations of steps: one of them may name what the step sets. */
  readonly #assigned = new Set<string>();
  /** What securities that this API does not use would set. */
  readonly #elsewhere = new Map<string, string>();
  /** What endpoints read and policies set by themselves. */
  readonly #read = new Set<string>(STEERING_ATTRIBUTES);
  readonly #hasSteps: boolean;

  constructor(definition: ApiDefinition, groups: readonly PolicyGroupDefinition[], registry: PluginRegistry) {
    const used = new Set((definition.plans ?? []).map(securityTypeOf));
    for (const { id, attributes = [] } of registry.all('security')) {
      for (const name of attributes) {
        if (used.has(id)) this.#before.add(shortAttributeName(name));
        else this.#elsewhere.set(shortAttributeName(name), id);
      }
    }
    for (const { attributes = [] } of [...registry.all('endpoint'), ...registry.all('policy')]) {
      for (const name of attributes) this.#read.add(shortAttributeName(name));
    }
    const flows = [...definition.flows, ...(definition.plans ?? []).flatMap((plan) => plan.flows)];
    const steps = [...flows.flatMap(stepsOf), ...groups.flatMap((group) => group.steps)];
    this.#hasSteps = steps.length > 0;
    for (const { configuration } of steps) {
      for (const text of texts(configuration)) this.#assigned.add(shortAttributeName(text));
    }
  }

  /** @param isRule whether it is named before any flow has run */
  problem(name: string, isRule: boolean): NameProblem | undefined {
    const short = shortAttributeName(name);
    if (this.#before.has(short)) return undefined;
    const security = this.#elsewhere.get(short);
    if (security !== undefined) {
      const message = `no plan of this API has the security "${security}", which alone sets the attribute "${name}"`;
      return { severity: 'warning', message: `${message}: it is null here` };
    }
    if (!isRule && (this.#assigned.has(short) || this.#read.has(short))) return undefined;
    if (UNSET_ATTRIBUTES.includes(short)) {
      return { severity: 'warning', message: `nothing here sets the attribute "${name}": it is always null` };
    }
    const known = [...this.#before, ...this.#elsewhere.keys(), ...this.#read];
    const meant = near(short, known);
    if (meant !== undefined) {
      const message = `there is no attribute "${name}"; did you mean "${meant}"?`;
      return { severity: 'error', message };
    }
    if (isRule) {
      const there = [...this.#before].join(', ');
      return {
        severity: 'error',
        message: `a rule is evaluated before any flow: there is no attribute "${name}"; there is ${there}`,
      };
    }
    if (short !== name) {
      return {
        severity: 'error',
        message: `there is no attribute "${name}", and no step of this API sets it`,
      };
    }
    if (this.#hasSteps) return undefined;
    return {
      severity: 'warning',
      message: `no step of this API sets the attribute "${name}": it is null here`,
    };
  }
}

function stepsOf({ request, response, publish, subscribe }: FlowDefinition): readonly StepDefinition[] {
  return [...request, ...response, ...publish, ...subscribe];
}

function* texts(value: unknown): Iterable<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) yield* texts(member);
  }
}
