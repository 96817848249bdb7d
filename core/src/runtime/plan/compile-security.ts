import type { PlanSecurity } from '../../contract/security.js';
import type { PlanDefinition } from '../../definition/model.js';
import type { JsonPath } from '../../definition/problem.js';
import { dataOf } from '../data-files.js';
import { configurationProblems, isError } from '../deploy-problems.js';
import type { PlanCompiler } from './plan-compiler.js';
import { refusingSecurity } from './refusing-security.js';
import { securityTypeOf } from './security-type.js';

/** A plan whose security is not installed: where it says so, and what is missing. */
export interface Uninstalled {
  readonly path: JsonPath;
  readonly message: string;
}

/** The security of a plan; undefined for one that takes everybody, and where a problem is an error. */
export function compileSecurity(
  apiId: string,
  plan: PlanDefinition,
  path: JsonPath,
  { registry, host, expressions, problems, data }: PlanCompiler,
  uninstalled: Uninstalled[],
): PlanSecurity | undefined {
  const type = securityTypeOf(plan);
  if (type === 'key-less') return undefined;
  const report = (where: JsonPath, message: string) => {
    problems.push({ severity: 'error', path: where, message });
    return undefined;
  };
  const plugin = registry.find('security', type);
  if (typeof plugin === 'string') {
    uninstalled.push({ path: [...path, 'security', 'type'], message: plugin });
    return refusingSecurity(plan.id, type);
  }
  const { value: configuration, problems: breaks } = plugin.written.check(plan.security?.configuration ?? {});
  const found = configurationProblems(breaks, [...path, 'security', 'configuration']);
  problems.push(...found);
  if (found.some(isError)) return undefined;
  try {
    const files = dataOf(data, plugin, apiId, plan.id);
    return plugin.create(configuration, { ...host, planId: plan.id, expressions, files });
  } catch (error) {
    return report(
      [...path, 'security', 'configuration'],
      error instanceof Error ? error.message : String(error),
    );
  }
}
