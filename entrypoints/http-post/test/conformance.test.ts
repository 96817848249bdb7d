import { entrypointConformance } from '@sluice/core/testing';
import httpPost from '@sluice/entrypoint-http-post';
import { runConformance } from '../../../test/support/conformance.js';

runConformance(entrypointConformance({ plugin: httpPost, request: () => ({ method: 'POST' }) }));
