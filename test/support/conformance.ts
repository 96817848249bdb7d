import type { ConformanceCase } from '@sluice/core/testing';
import { test } from 'vitest';

/**
 * Runs a conformance suite; a case that does not apply is shown as skipped, with its reason.
 * @param options.concurrent for endpoints whose cases wait more than they work
 */
export function runConformance(
  cases: readonly ConformanceCase[],
  options: { readonly concurrent?: boolean } = {},
): void {
  for (const { name, skip, run } of cases) {
    if (skip !== undefined) test.skip(`${name} (${skip})`, run);
    else if (options.concurrent === true) test.concurrent(name, run);
    else test(name, run);
  }
}
