import type { AuthConfig } from './auth-config.js';
import { assertionSigner } from './jwt-profile.js';
import { type TokenAnswer, TokenCache } from './token-cache.js';
import type { TokenRequest } from './token-endpoint.js';

/** Gives the `Authorization` of calls to one subscriber. */
export interface Authorizer {
  /** Whether `authorization` may have to call a token endpoint. */
  readonly mayCall: boolean;
  /**
   * The header's value; undefined when there is none.
   * @throws TokenFailure when a token cannot be had
   */
  authorization(signal: AbortSignal): Promise<string | undefined>;
  /**
   * The callback did not take this value. True when another can be had, so that one more call makes sense; the same
   * value is refused only once, however many calls carried it.
   */
  refused(value: string | undefined): boolean;
}

/** @param fetchToken calls a token endpoint, within the gateway's rules of who may be called */
export function authorizer(
  auth: AuthConfig | undefined,
  fetchToken: (request: TokenRequest, signal: AbortSignal) => Promise<TokenAnswer>,
): Authorizer {
  switch (auth?.type) {
    case 'basic': {
      const { username = '', password = '' } = auth.basic ?? {};
      return fixed(`Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`);
    }
    case 'token':
      return fixed(`Bearer ${auth.token?.value ?? ''}`);
    case 'oauth2': {
      const {
        endpoint = '',
        clientId = '',
        clientSecret = '',
        scopes = [],
        clientAuthentication,
      } = auth.oauth2 ?? {};
      const basic = clientAuthentication === 'basic';
      const form = new URLSearchParams({ grant_type: 'client_credentials' });
      if (!basic) {
        form.set('client_id', clientId);
        form.set('client_secret', clientSecret);
      }
      if (scopes.length > 0) form.set('scope', scopes.join(' '));
      const headers = basic ? { authorization: basicOf(clientId, clientSecret) } : {};
      return cached((signal) => fetchToken({ url: endpoint, headers, body: form.toString() }, signal));
    }
    case 'jwtProfileOauth2': {
      const profile = auth.jwtProfileOauth2;
      if (profile === undefined) return fixed(undefined);
      const sign = assertionSigner(profile);
      return cached(async (signal) => {
        const form = new URLSearchParams({
          grant_type: 'client_credentials',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: await sign(),
        });
        const url = profile.endpoint ?? profile.audience;
        return await fetchToken({ url, headers: {}, body: form.toString() }, signal);
      });
    }
    default:
      return fixed(undefined);
  }
}

/** RFC 6749 §2.3.1: both parts are form-encoded before they are joined. */
function basicOf(clientId: string, clientSecret: string): string {
  const encode = (text: string) => new URLSearchParams({ a: text }).toString().slice(2);
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')}`;
}

function fixed(value: string | undefined): Authorizer {
  return { mayCall: false, authorization: () => Promise.resolve(value), refused: () => false };
}

function cached(fetch: (signal: AbortSignal) => Promise<TokenAnswer>): Authorizer {
  const cache = new TokenCache(fetch);
  return {
    mayCall: true,
    authorization: async (signal) => `Bearer ${await cache.get(signal)}`,
    refused: (value) => cache.drop(value?.slice('Bearer '.length)),
  };
}
