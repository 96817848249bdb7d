import type { ConformanceCase } from './conformance-case.js';
import { leavingCases } from './entrypoint-cases/leaving.js';
import { manifestCases } from './entrypoint-cases/manifest.js';
import { publishingCases } from './entrypoint-cases/publishing.js';
import { streamingCases } from './entrypoint-cases/streaming.js';
import type { EntrypointHarness } from './entrypoint-harness.js';

/**
 * The contract of an entrypoint as cases for any test runner, over endpoints that go wrong on purpose. Those that
 * do not apply to this entrypoint say why.
 */
export function entrypointConformance(harness: EntrypointHarness): readonly ConformanceCase[] {
  return [
    ...manifestCases(harness),
    ...publishingCases(harness),
    ...streamingCases(harness),
    ...leavingCases(harness),
  ];
}
