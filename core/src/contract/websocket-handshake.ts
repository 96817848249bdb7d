import type { RequestHead } from './entrypoint.js';
import { hasToken } from './header-list.js';

/** Whether a request asks for a WebSocket (RFC 6455 §4.1): its client can do nothing with any other answer but a refusal. */
export function isWebSocketHandshake(request: RequestHead): boolean {
  // Headers are worked out when they are first asked for: not for what the method decides.
  if (request.method !== 'GET') return false;
  const { headers } = request;
  return hasToken(headers.get('upgrade'), 'websocket') && hasToken(headers.get('connection'), 'upgrade');
}
