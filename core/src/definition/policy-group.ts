import type { StepDefinition } from './model.js';
import { STEP_SCHEMA } from './schema.js';
import { spellMembers } from './spelling.js';

/** The policy under which a flow names a shared policy group. */
export const POLICY_GROUP_STEP = 'shared-policy-group-policy';

/** What the names of files of policy groups end in. */
export const POLICY_GROUP_SUFFIX = '.policy-group.json';

/** Steps that several definitions run, from a file beside them. */
export interface PolicyGroupDefinition {
  readonly id: string;
  /** A second name of it, which stays the same in another environment. */
  readonly crossId?: string;
  /** The one phase it may stand in; absent: any that its policies can. */
  readonly phase?: string;
  readonly steps: readonly StepDefinition[];
}

const PHASES: Readonly<Record<string, string>> = {
  'message-request': 'publish',
  'message-response': 'subscribe',
};

/**
 * A document in the spelling of {@link POLICY_GROUP_SCHEMA}: a gateway has the steps as `policies`, and names the phases of
 * messages `MESSAGE_REQUEST` and `MESSAGE_RESPONSE`.
 */
export function spellPolicyGroup(document: unknown): unknown {
  const spelt = spellMembers(document);
  if (typeof spelt !== 'object' || spelt === null || Array.isArray(spelt)) return spelt;
  const { policies, ...group } = spelt as Record<string, unknown>;
  if (group.steps === undefined && policies !== undefined) group.steps = policies;
  if (typeof group.phase === 'string') {
    const phase = group.phase.toLowerCase().replaceAll('_', '-');
    group.phase = PHASES[phase] ?? phase;
  }
  return group;
}

/** JSON Schema of a {@link PolicyGroupDefinition}; an export has more members, which say nothing here. */
export const POLICY_GROUP_SCHEMA = {
  type: 'object',
  required: ['id', 'steps'],
  properties: {
    id: { type: 'string', minLength: 1 },
    crossId: { type: 'string' },
    name: { type: 'string' },
    phase: { enum: ['request', 'response', 'publish', 'subscribe'] },
    steps: { type: 'array', items: STEP_SCHEMA },
  },
};
