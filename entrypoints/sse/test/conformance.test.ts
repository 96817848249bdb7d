import { entrypointConformance } from '@sluice/core/testing';
import { runConformance } from '../../../test/support/conformance.js';
import { sseHarness } from '../../../test/support/sse-harness.js';

runConformance(entrypointConformance(sseHarness));
