import type { AssignedAttribute } from '../../contract/plugin.js';
import type { ApiDefinition } from '../../definition/model.js';
import type { PolicyGroupDefinition } from '../../definition/policy-group.js';

/** The attributes that steps in use set, with the texts that they are set from: whatever of a configuration has a name and a value. */
export function assignedAttributes(
  { flows, plans = [] }: ApiDefinition,
  groups: readonly PolicyGroupDefinition[],
): readonly AssignedAttribute[] {
  const used = [...flows, ...plans.flatMap((plan) => plan.flows)].filter(({ enabled }) => enabled);
  const steps = used.flatMap(({ request, response, publish, subscribe }) => [
    ...request,
    ...response,
    ...publish,
    ...subscribe,
  ]);
  // A group that another API uses is looked through as well: a warning too many is cheap.
  const all = [...steps, ...groups.flatMap((group) => group.steps)].filter(({ enabled }) => enabled);
  return all.flatMap(({ configuration }) => [...assignments(configuration)]);
}

function* assignments(value: unknown): Iterable<AssignedAttribute> {
  if (typeof value !== 'object' || value === null) return;
  const { name, value: text } = value as { readonly name?: unknown; readonly value?: unknown };
  if (typeof name === 'string' && typeof text === 'string') yield { name, value: text };
  for (const member of Object.values(value)) yield* assignments(member);
}
