import type { ApiDefinition } from '../model.js';
import type { JsonPath } from '../problem.js';
import { ENDPOINT_MEMBERS } from './endpoints.js';
import type { FormatMember } from './fate.js';
import { flowMembers } from './flows.js';
import { LISTENER_MEMBERS } from './listeners.js';
import { PLAN_MEMBERS } from './plans.js';
import { ROOT_MEMBERS } from './root.js';

/** Every member of the definition format and what becomes of it: the table of docs/definitions.md. */
export const FORMAT_MEMBERS: readonly FormatMember[] = [
  ...ROOT_MEMBERS,
  ...LISTENER_MEMBERS,
  ...ENDPOINT_MEMBERS,
  ...flowMembers('flows'),
  ...PLAN_MEMBERS,
];

/** A member that has no effect, and its place in a definition. */
export interface WithoutEffect {
  readonly path: JsonPath;
  readonly reason: string;
}

const WARNED = FORMAT_MEMBERS.flatMap(([path, fate]) => {
  const warning = fate.kind === 'warned' ? fate : fate.kind === 'honoured' ? fate.except : undefined;
  return warning === undefined ? [] : [{ steps: stepsOf(path), fate: warning }];
});

/** The members of a definition that have no effect, in the order of the table. */
export function withoutEffect(definition: ApiDefinition): readonly WithoutEffect[] {
  return WARNED.flatMap(({ steps, fate }) =>
    [...found(definition, steps)]
      .filter(({ value }) => fate.when(value))
      .map(({ path }) => ({ path, reason: fate.about })),
  );
}

/** A path of the table as steps: names, `[]` and `*`. */
export function stepsOf(path: string): readonly string[] {
  return path.split('.').flatMap((part) => part.split(/(?=\[\])/));
}

/** The values at a path of the table. */
export function* found(
  value: unknown,
  [step, ...rest]: readonly string[],
  at: JsonPath = [],
): Iterable<{ readonly path: JsonPath; readonly value: unknown }> {
  if (step === undefined) {
    yield { path: at, value };
  } else if (step === '[]') {
    if (!Array.isArray(value)) return;
    for (const [index, item] of value.entries()) yield* found(item, rest, [...at, index]);
  } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [name, member] of Object.entries(value)) {
      if ((step === '*' || step === name) && member !== undefined) yield* found(member, rest, [...at, name]);
    }
  }
}
