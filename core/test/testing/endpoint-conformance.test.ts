import { endpointConformance } from '@sluice/core/testing';
import { describe } from 'vitest';
import { runConformance } from '../../../test/support/conformance.js';
import { memoryHarness } from './memory-harness.js';

describe.each([
  { partitions: 1, batchSize: 10 },
  { partitions: 3, batchSize: 4 },
])('the memory endpoint with $partitions partitions and batches of $batchSize', (options) => {
  runConformance(endpointConformance(memoryHarness(options)));
});
