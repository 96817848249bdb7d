import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';

/**
 * Why a request is kept from the management API; undefined when it may pass. A page in an operator's browser reaches ports that
 * the rest of the world cannot: by a name of its own that leads here, or from its own origin. Browsers say both, tools neither.
 * @param names hosts that may be asked for beside literal addresses and names without a dot, which nobody else can own
 */
export function pageRefusal(
  { headers, method = 'GET' }: Pick<IncomingMessage, 'headers' | 'method'>,
  names: readonly string[],
): string | undefined {
  const { host, origin, 'sec-fetch-site': site } = headers;
  if (host !== undefined && !isOurs(host, names)) {
    return `The management API is not asked for by the name "${host.slice(0, 100)}": use an address or localhost, or add the name to admin.names of the configuration`;
  }
  const isRead = method === 'GET' || method === 'HEAD';
  if (origin !== undefined && !(isRead && origin.replace(/^https?:\/\//, '') === host)) {
    return 'The management API is not for web pages: a request with an Origin is refused';
  }
  if (site === 'cross-site' || site === 'same-site') {
    return 'The management API is not for web pages of other sites: such a request is refused';
  }
  return undefined;
}

function isOurs(host: string, names: readonly string[]): boolean {
  const [, literal, name = ''] = /^(?:\[(.*)\]|([^:]*))(?::\d*)?$/.exec(host.toLowerCase()) ?? [];
  if (literal !== undefined) return isIP(literal) === 6;
  const plain = name.replace(/\.$/, '');
  if (isIP(plain) !== 0 || plain.endsWith('.localhost')) return true;
  return /^[\w-]+$/.test(plain) || names.some((one) => one.toLowerCase() === plain);
}

/** Answers a request that {@link pageRefusal} keeps out, and lets go of its connection. Returns whether it did. */
export function refusePage(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  names: readonly string[],
): boolean {
  const message = pageRefusal(incoming, names);
  if (message === undefined) return false;
  outgoing.writeHead(403, { 'Content-Type': 'application/json', Connection: 'close' });
  outgoing.end(JSON.stringify({ message, http_status_code: 403 }));
  return true;
}
