import type { ConformanceCase } from './conformance-case.js';
import { badCursorCases } from './endpoint-cases/bad-cursors.js';
import { boundCases } from './endpoint-cases/bounds.js';
import { closingCases } from './endpoint-cases/closing.js';
import { cursorCases } from './endpoint-cases/cursors.js';
import { groupCases } from './endpoint-cases/groups.js';
import { publishingCases } from './endpoint-cases/publishing.js';
import { readingCases } from './endpoint-cases/reading.js';
import { settlingCases } from './endpoint-cases/settling.js';
import type { EndpointHarness } from './endpoint-harness.js';

/**
 * The contract of an endpoint as cases for any test runner. Each opens an endpoint of its own and leaves nothing
 * behind; those that do not apply to this endpoint say why.
 *
 * @example
 * for (const { name, skip, run } of endpointConformance(harness)) test(name, { skip }, run);
 */
export function endpointConformance(harness: EndpointHarness): readonly ConformanceCase[] {
  return [
    ...readingCases(harness),
    ...settlingCases(harness),
    ...boundCases(harness),
    ...cursorCases(harness),
    ...badCursorCases(harness),
    ...groupCases(harness),
    ...closingCases(harness),
    ...publishingCases(harness),
  ];
}
