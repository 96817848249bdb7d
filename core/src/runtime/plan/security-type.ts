import type { PlanDefinition } from '../../definition/model.js';

/** The id of a plan's security; `key-less` is no plugin. */
export function securityTypeOf({ security }: PlanDefinition): string {
  return security?.type.toLowerCase().replaceAll('_', '-') ?? 'key-less';
}
