import type { ConformanceCase } from './conformance-case.js';
import { exchangeCases } from './policy-cases/exchanges.js';
import { manifestCases } from './policy-cases/manifest.js';
import { messageCases } from './policy-cases/messages.js';
import type { PolicyHarness } from './policy-harness.js';

/**
 * The contract of a policy as cases for any test runner. Each deploys a policy of its own.
 *
 * @example
 * for (const { name, skip, run } of policyConformance(harness)) test(name, { skip }, run);
 */
export function policyConformance(harness: PolicyHarness): readonly ConformanceCase[] {
  return [...manifestCases(harness), ...messageCases(harness), ...exchangeCases(harness)];
}
