import { entrypointConformance } from '@sluice/core/testing';
import { runConformance } from '../../../test/support/conformance.js';
import { websocketHarness } from '../../../test/support/websocket-harness.js';

runConformance(entrypointConformance(websocketHarness));
