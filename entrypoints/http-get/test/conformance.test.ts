import { entrypointConformance } from '@sluice/core/testing';
import { runConformance } from '../../../test/support/conformance.js';
import { httpGetHarness } from '../../../test/support/http-get-harness.js';

runConformance(entrypointConformance(httpGetHarness));
