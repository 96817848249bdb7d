import type { Agent } from 'undici';
import type { OauthbearerConfig } from './config.js';
import type { AccessToken } from './token-source.js';

const FETCH_TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 1024 * 1024;
let agent: Agent | undefined;

/**
 * Fetches a token by OAuth's client credentials grant (RFC 6749 §4.4), with the client's secret in the Authorization
 * header (§2.3.1). Rejects with the reason, which never has the secret or the token.
 */
export async function fetchByClientCredentials(config: OauthbearerConfig): Promise<AccessToken> {
  const { tokenEndpoint = '', clientId = '', clientSecret = '', scopes = [] } = config;
  const undici = await import('undici');
  agent ??= new undici.Agent({ maxResponseSize: MAX_ANSWER_BYTES });
  const credentials = Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString('base64');
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (scopes.length > 0) form.set('scope', scopes.join(' '));
  const place = new URL(tokenEndpoint).host;
  let status: number;
  let text: string;
  try {
    const answer = await undici.request(tokenEndpoint, {
      method: 'POST',
      headers: {
        authorization: `Basic ${credentials}`,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body: form.toString(),
      dispatcher: agent,
      signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
    });
    status = answer.statusCode;
    text = await answer.body.text();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the token endpoint ${place} did not answer: ${why}`, { cause });
  }
  const now = Date.now();
  const body = parsed(text);
  if (status !== 200) {
    const error = typeof body.error === 'string' ? ` (${body.error.slice(0, 100)})` : '';
    throw new Error(`the token endpoint ${place} answered ${status}${error}`);
  }
  const { access_token: token, expires_in: expiresIn } = body;
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
    throw new Error(`the token endpoint ${place} answered without an access_token`);
  const seconds = Number(expiresIn);
  const expiresAt = Number.isFinite(seconds) && seconds > 0 ? now + seconds * 1000 : expiryOf(token);
  return expiresAt === undefined ? { token } : { token, expiresAt };
}

/** RFC 6749 §2.3.1 with appendix B. */
function formEncoded(text: string): string {
  return encodeURIComponent(text).replace(/%20/g, '+');
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** `exp` of a JSON Web Token (RFC 7519 §4.1.4); undefined for a token of another kind. */
function expiryOf(token: string): number | undefined {
  const { exp } = parsed(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  return typeof exp === 'number' ? exp * 1000 : undefined;
}
