import type { ExecutionContext } from './context.js';

/** What a name of an HTTP header is made of (RFC 9110 §5.6.2), as a JSON Schema has it. */
export const HEADER_NAME = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";

const NAME = new RegExp(HEADER_NAME);

/** Whether HTTP can have a header of this name. */
export function isHeaderName(name: string): boolean {
  return NAME.test(name);
}

/**
 * Headers of the connection (RFC 9110 §7.6.1), or of the framing of a request or response, in lower case: they say nothing
 * about a message, and one that is passed on would break or forge what carries it.
 */
export const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Request headers that prove who the client is, in lower case: they are not put into messages, where every reader of a
 * topic would see them.
 */
export const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'proxy-authorization',
  'x-api-key',
  'x-auth-token',
  'x-gravitee-api-key',
]);

/**
 * Whether a header proves who a client of an API is: one of {@link CREDENTIAL_HEADERS}, or one that a plan of the API reads
 * credentials from, whichever plan took the client. Such a header is neither put into a message nor passed on from one.
 * @param name in any case
 */
export function isCredentialHeader(name: string, { api }: Pick<ExecutionContext, 'api'>): boolean {
  const lower = name.toLowerCase();
  return CREDENTIAL_HEADERS.has(lower) || api.credentialHeaders?.has(lower) === true;
}
