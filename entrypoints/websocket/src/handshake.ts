import { headerList, type RequestHead, SluiceError } from '@sluice/core';
import type { WebSocketConfig } from './config.js';
import { ENVELOPE_PROTOCOL } from './envelope.js';

/** The subprotocols of a request, as it lists them. */
export function offeredProtocols({ headers }: Pick<RequestHead, 'headers'>): readonly string[] {
  return headerList(headers.get('sec-websocket-protocol'));
}

/** The one of them that is spoken; undefined for none, which a client may take or leave. */
export function chosenProtocol(offered: Iterable<string>): string | undefined {
  return [...offered].find((protocol) => protocol === ENVELOPE_PROTOCOL);
}

/**
 * @throws SluiceError `BAD_REQUEST` for a handshake that is not valid, `UPGRADE_REQUIRED` for another version,
 * `ORIGIN_FORBIDDEN`
 */
export function checkHandshake({ headers }: RequestHead, { allowedOrigins }: WebSocketConfig): void {
  if (headers.get('sec-websocket-version')?.[0] !== '13') {
    throw new SluiceError('UPGRADE_REQUIRED', {
      headers: { 'Sec-WebSocket-Version': '13', Upgrade: 'websocket' },
    });
  }
  const key = headers.get('sec-websocket-key')?.[0] ?? '';
  if (!/^[A-Za-z0-9+/]{22}==$/.test(key)) {
    throw new SluiceError('BAD_REQUEST', { message: 'Sec-WebSocket-Key is missing or not valid' });
  }
  const origin = headers.get('origin')?.[0];
  if (origin === undefined || isAllowed(origin, headers.get('host')?.[0], allowedOrigins)) return;
  throw new SluiceError('ORIGIN_FORBIDDEN');
}

/** Browsers let every page open a WebSocket, with the cookies of this host: without a list it must be a page of this host. */
function isAllowed(origin: string, host: string | undefined, allowed: readonly string[]): boolean {
  if (allowed.includes('*')) return true;
  const own = host === undefined ? [] : [`http://${host}`, `https://${host}`];
  return (allowed.length === 0 ? own : allowed).some((one) => sameOrigin(one, origin));
}

/** A default port counts as none. */
function sameOrigin(one: string, other: string): boolean {
  return URL.canParse(one) && URL.canParse(other) && new URL(one).origin === new URL(other).origin;
}
