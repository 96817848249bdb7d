import type { RequestHead } from '../contract/entrypoint.js';
import { SluiceError } from '../contract/errors.js';
import { isWebSocketHandshake } from '../contract/websocket-handshake.js';
import type { RunningApi, RunningEntrypoint } from '../runtime/deploy.js';
import { allowedMethods } from './options.js';

/**
 * The entrypoint that a request is for: of those that take it the most wanted, of equals the most specific.
 * @throws SluiceError `METHOD_NOT_ALLOWED`, `NO_ENTRYPOINT`; what a plugin throws
 */
export function selectEntrypoint(api: RunningApi, request: RequestHead): RunningEntrypoint {
  const found = mostWanted(api, request);
  if (found !== undefined) {
    // A page would be read, and its messages be lost to a client that waits for another protocol.
    if (found.plugin.upgrades === true || !isWebSocketHandshake(request)) return found;
    throw new SluiceError('NO_ENTRYPOINT', { message: 'This API has no entrypoint for WebSocket' });
  }
  const methods = allowedMethods(api);
  if (methods.includes(request.method)) throw new SluiceError('NO_ENTRYPOINT');
  throw new SluiceError('METHOD_NOT_ALLOWED', { headers: { Allow: methods.join(', ') } });
}

/** Whether a request with an Upgrade header is answered by us as it is; all others may be served without the wish. */
export function isForUpgrade(api: RunningApi, request: RequestHead): boolean {
  return isWebSocketHandshake(request) || mostWanted(api, request)?.plugin.upgrades === true;
}

function mostWanted({ entrypoints }: RunningApi, request: RequestHead): RunningEntrypoint | undefined {
  let best: RunningEntrypoint | undefined;
  let most = -1;
  for (const entrypoint of entrypoints) {
    const { plugin } = entrypoint;
    if (plugin.listener !== 'http' || !plugin.matches(request)) continue;
    const preference = plugin.preference?.(request) ?? 1;
    if (preference <= most) continue;
    best = entrypoint;
    most = preference;
  }
  return best;
}
