import type { ConfigFault } from '@sluice/core';
import { textOfForm } from '@sluice/core';
import { SIGNATURE_ALGORITHMS, signingKey } from './jwt-profile.js';

/** How the gateway shows a callback who it is. */
export interface AuthConfig {
  readonly type: 'none' | 'basic' | 'token' | 'oauth2' | 'jwtProfileOauth2';
  readonly basic?: { readonly username: string; readonly password: string };
  readonly token?: { readonly value: string };
  readonly oauth2?: {
    readonly endpoint: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly scopes: readonly string[];
    readonly clientAuthentication: 'post' | 'basic';
  };
  readonly jwtProfileOauth2?: JwtProfileConfig;
}

/** A token by a signed client assertion (RFC 7523). */
export interface JwtProfileConfig {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  readonly endpoint?: string;
  readonly expirationTime: number;
  readonly expirationTimeUnit: 'SECONDS' | 'MINUTES' | 'HOURS' | 'DAYS';
  readonly signatureAlgorithm: (typeof SIGNATURE_ALGORITHMS)[number];
  readonly keySource: 'INLINE' | 'PEM' | 'JKS' | 'PKCS12';
  readonly jwtId?: string;
  readonly secretBase64Encoded: boolean;
  readonly keyId?: string;
  readonly keyContent: string;
  readonly keystoreOptions?: {
    readonly alias?: string;
    readonly storePassword?: string;
    readonly keyPassword?: string;
  };
  readonly customClaims: readonly { readonly name: string; readonly value: string }[];
}

const text = (description: string) => ({ type: 'string', description });
const needed = (description: string) => ({ type: 'string', minLength: 1, description });
const url = (description: string) => ({
  ...textOfForm('^(http|https)://', 'a URL that begins with https:// or http://'),
  description,
});
const object = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
});

/** JSON Schema of {@link AuthConfig}. */
export const AUTH_SCHEMA = {
  ...object({
    type: {
      enum: ['none', 'basic', 'token', 'oauth2', 'jwtProfileOauth2'],
      default: 'none',
      description: 'How the gateway shows the callback who it is; the member of the same name says more.',
    },
    basic: object({ username: needed('User name of HTTP Basic.'), password: text('Its password. Secret.') }, [
      'username',
      'password',
    ]),
    token: object({ value: needed('Sent as a Bearer token. Secret.') }, ['value']),
    oauth2: object(
      {
        endpoint: url('The token endpoint, asked by client credentials.'),
        clientId: needed('The id of the client.'),
        clientSecret: needed('Its secret. Secret.'),
        scopes: {
          type: 'array',
          default: [],
          items: { type: 'string' },
          description: 'The scopes asked for.',
        },
        clientAuthentication: {
          enum: ['post', 'basic'],
          default: 'post',
          description: 'Whether id and secret go into the form or into HTTP Basic.',
        },
      },
      ['endpoint', 'clientId', 'clientSecret'],
    ),
    jwtProfileOauth2: object(
      {
        issuer: needed('Claim `iss`.'),
        subject: needed('Claim `sub`.'),
        audience: needed('Claim `aud`; also the token endpoint, unless `endpoint` is given.'),
        endpoint: url('The token endpoint, where it is not the audience.'),
        expirationTime: {
          type: 'integer',
          minimum: 1,
          maximum: 86_400,
          default: 30,
          description: 'How long an assertion is good.',
        },
        expirationTimeUnit: {
          enum: ['SECONDS', 'MINUTES', 'HOURS', 'DAYS'],
          default: 'SECONDS',
          description: 'The unit of `expirationTime`.',
        },
        signatureAlgorithm: {
          enum: [...SIGNATURE_ALGORITHMS],
          default: 'RSA_RS256',
          description: 'How an assertion is signed.',
        },
        keySource: {
          enum: ['INLINE', 'PEM', 'JKS', 'PKCS12'],
          default: 'INLINE',
          description: 'What `keyContent` holds: a secret or PEM, or a store in base64.',
        },
        jwtId: text('Claim `jti`; a new one for each assertion when absent.'),
        secretBase64Encoded: {
          type: 'boolean',
          default: false,
          description: 'Whether the secret of an HMAC algorithm is given in base64.',
        },
        x509CertChain: {
          enum: ['NONE'],
          default: 'NONE',
          description: 'A certificate chain in the header of assertions is not sent.',
        },
        keyId: text('Header `kid`.'),
        keyContent: needed('The key. Secret.'),
        keystoreOptions: object({
          alias: text('The entry of the store; its first key when absent.'),
          storePassword: text('Password of the store. Secret.'),
          keyPassword: text("Password of the key, where it is not the store's. Secret."),
        }),
        customClaims: {
          type: 'array',
          default: [],
          description: 'Further claims.',
          items: object({ name: needed('Name of the claim.'), value: text('Its value.') }, ['name', 'value']),
        },
      },
      ['issuer', 'subject', 'audience', 'keyContent'],
    ),
  }),
};

/** Secret members, beside the subscription's other ones. */
export const AUTH_SECRETS = [
  '/auth/basic/password',
  '/auth/token/value',
  '/auth/oauth2/clientSecret',
  '/auth/jwtProfileOauth2/keyContent',
  '/auth/jwtProfileOauth2/keystoreOptions/storePassword',
  '/auth/jwtProfileOauth2/keystoreOptions/keyPassword',
];

/** What the schema cannot say of `auth`. */
export function authFaults(auth: AuthConfig | undefined): readonly ConfigFault[] {
  if (auth === undefined || auth.type === 'none') return [];
  if (auth[auth.type] === undefined) {
    return [{ pointer: '/auth', message: `the member "${auth.type}" is missing` }];
  }
  const value = auth.type === 'token' ? auth.token?.value : undefined;
  if (value !== undefined && !/^[\x21-\x7e]+$/.test(value)) {
    return [{ pointer: '/auth/token/value', message: 'a token has visible ASCII characters only' }];
  }
  if (auth.type !== 'jwtProfileOauth2' || auth.jwtProfileOauth2 === undefined) return [];
  const { endpoint, audience } = auth.jwtProfileOauth2;
  const at = '/auth/jwtProfileOauth2';
  if (endpoint === undefined && !/^https?:\/\//.test(audience)) {
    return [{ pointer: `${at}/audience`, message: 'is no URL: give the token endpoint as `endpoint`' }];
  }
  try {
    signingKey(auth.jwtProfileOauth2);
    return [];
  } catch (error) {
    return [{ pointer: `${at}/keyContent`, message: (error as Error).message }];
  }
}
