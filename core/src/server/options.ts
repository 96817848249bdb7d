import type { CompleteResponse } from '../contract/entrypoint.js';
import type { RunningApi } from '../runtime/deploy.js';

/** The methods that a client may use on an API, for `Allow`; OPTIONS is answered by the gateway itself. */
export function allowedMethods(api: RunningApi): readonly string[] {
  return [...new Set([...api.entrypoints.flatMap(({ plugin }) => plugin.methods ?? []), 'OPTIONS'])];
}

/** The answer to OPTIONS (RFC 9110 §9.3.7): which methods there are. It needs no right and reaches no entrypoint. */
export function optionsAnswer(api: RunningApi): CompleteResponse {
  return { status: 204, headers: { Allow: allowedMethods(api).join(', ') } };
}
