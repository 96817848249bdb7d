import type { ConfigSchema } from '@sluice/core';

/** The configuration of the `jwt` security. Names are those of the definition format where it has one. */
export interface JwtConfig {
  readonly signature: string;
  readonly publicKeyResolver: 'GIVEN_KEY' | 'JWKS_URL' | 'GATEWAY_KEYS';
  readonly resolverParameter: string;
  readonly connectTimeout: number;
  readonly requestTimeout: number;
  readonly followRedirects: boolean;
  readonly useSystemProxy: boolean;
  readonly issuer?: string;
  readonly audience?: string | readonly string[];
  readonly clockSkewSeconds: number;
  /** Whether a token without an end is refused. */
  readonly requireExpiry: boolean;
  readonly extractClaims: boolean;
  readonly propagateAuthHeader: boolean;
  readonly userClaim: string;
  readonly clientIdClaim?: string;
  readonly requireSubscription: boolean;
  readonly tokenTypValidation: TypValidation;
  readonly confirmationMethodValidation?: { readonly enabled?: boolean };
  readonly revocationCheck?: { readonly enabled?: boolean };
}

/** Which `typ` the token's header may have. */
export interface TypValidation {
  readonly enabled: boolean;
  readonly ignoreMissing: boolean;
  readonly expectedValues: readonly string[];
  readonly ignoreCase: boolean;
}

/** The spellings of the format, and the algorithm (RFC 7518, RFC 8037) each stands for. */
export const ALGORITHMS: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map((alg) => ['RSA', alg]),
    ...['HS256', 'HS384', 'HS512'].map((alg) => ['HMAC', alg]),
    ...['ES256', 'ES384', 'ES512'].map((alg) => ['ECDSA', alg]),
    ['EDDSA', 'EdDSA'],
  ].flatMap(([family, alg = '']): [string, string][] => [
    [`${family}_${alg}`, alg],
    [alg, alg],
  ]),
);

const flag = (value: boolean, description: string) => ({ type: 'boolean', default: value, description });
const milliseconds = (value: number, description: string) => ({
  type: 'integer',
  minimum: 1,
  maximum: 60_000,
  default: value,
  description,
});

/** JSON Schema of {@link JwtConfig}. */
export const JWT_SCHEMA: ConfigSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['resolverParameter'],
  properties: {
    signature: {
      enum: Object.keys(ALGORITHMS),
      default: 'RSA_RS256',
      description: 'The one algorithm that tokens may be signed with.',
    },
    publicKeyResolver: {
      enum: ['GIVEN_KEY', 'JWKS_URL', 'GATEWAY_KEYS'],
      default: 'GIVEN_KEY',
      description:
        '`GIVEN_KEY`: the key stands in `resolverParameter`; `JWKS_URL`: the address of a key set does.',
    },
    resolverParameter: {
      type: 'string',
      minLength: 1,
      description:
        'The key (PEM, an `ssh-rsa` line, a JWK, or the secret of an HMAC) or the address of the key set; may hold expressions, such as a secret.',
    },
    connectTimeout: milliseconds(2000, 'For connecting to the key set; milliseconds.'),
    requestTimeout: milliseconds(2000, 'For the whole answer of the key set; milliseconds.'),
    followRedirects: flag(false, 'Whether redirects of the key set are followed.'),
    useSystemProxy: flag(false, 'Whether `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` apply to the key set.'),
    issuer: { type: 'string', minLength: 1, description: 'What `iss` must be; not checked when absent.' },
    audience: {
      anyOf: [
        { type: 'string', minLength: 1 },
        { type: 'array', items: { type: 'string' }, minItems: 1 },
      ],
      description: 'What `aud` must hold one of; not checked when absent.',
    },
    clockSkewSeconds: {
      type: 'integer',
      minimum: 0,
      maximum: 600,
      default: 30,
      description: "How far the issuer's clock may be off, for `exp`, `nbf` and the end of a stream.",
    },
    requireExpiry: flag(false, 'Whether a token without `exp`, which never ends, is refused.'),
    extractClaims: flag(false, 'Whether the claims become the attribute `jwt.claims`.'),
    propagateAuthHeader: flag(
      true,
      'Whether policies and expressions see the Authorization header; messages never do.',
    ),
    userClaim: {
      type: 'string',
      default: 'sub',
      description: 'The claim that becomes the attribute `user`; a path as `clientIdClaim`.',
    },
    clientIdClaim: {
      type: 'string',
      minLength: 1,
      description:
        'The claim that names the application: of that very name, else a path such as `ext.client`; `client_id` or `azp` when absent.',
    },
    requireSubscription: flag(
      false,
      'Whether only clients that a `*.jwt-clients.json` file names are taken, as the format asks for a subscription.',
    ),
    tokenTypValidation: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: "Which `typ` a token's header may have.",
      properties: {
        enabled: { type: 'boolean', default: false },
        ignoreMissing: { type: 'boolean', default: false },
        expectedValues: { type: 'array', items: { type: 'string' }, default: ['JWT'] },
        ignoreCase: { type: 'boolean', default: false },
      },
    },
    confirmationMethodValidation: {
      type: 'object',
      description: 'Refused when `enabled`: it needs mutual TLS.',
    },
    revocationCheck: { type: 'object', description: 'Refused when `enabled`: no revocation list is read.' },
  },
};
