import {
  challenge,
  concealParameter,
  defineSecurity,
  type ExecutionContext,
  type Identity,
  type PlanSecurity,
  SluiceError,
} from '@sluice/core';
import type { JWTPayload } from 'jose';
import { ALGORITHMS, JWT_SCHEMA, type JwtConfig } from './config.js';
import { givenKey, remoteKeys, type VerificationKey } from './keys.js';
import { TokenRefused, verifyToken } from './verify.js';

/** The parameter of RFC 6750 §2.3: a browser's EventSource and WebSocket cannot set headers. */
const PARAMETER = 'access_token';

/** Keys that an expression came to; above it the oldest goes and is made again when it is needed. */
const MAX_KEYS = 16;

/** JSON Web Tokens (RFC 7519) as bearer tokens (RFC 6750), checked by `jose`. */
export default defineSecurity<JwtConfig>({
  kind: 'security',
  id: 'jwt',
  formatOptions: [
    ...[
      'signature',
      'publicKeyResolver',
      'resolverParameter',
      'connectTimeout',
      'requestTimeout',
      'followRedirects',
    ],
    ...['useSystemProxy', 'extractClaims', 'propagateAuthHeader', 'userClaim', 'clientIdClaim'],
  ],
  schema: JWT_SCHEMA,
  attributes: ['jwt', 'jwt.token', 'jwt.claims', 'gravitee.attribute.user'],
  create(config, { expressions }): PlanSecurity {
    const algorithm = ALGORITHMS[config.signature] ?? config.signature;
    checkSupported(config);
    const make = (parameter: string): VerificationKey =>
      config.publicKeyResolver === 'JWKS_URL'
        ? remoteKeys(parameter, config)
        : givenKey(parameter, algorithm);
    const template = expressions.template(config.resolverParameter);
    const keys = new Map<string, VerificationKey>();
    const keyOf = (parameter: string): VerificationKey => {
      const known = keys.get(parameter);
      if (known !== undefined) return known;
      const key = make(parameter);
      const [oldest] = keys.keys();
      if (keys.size >= MAX_KEYS && oldest !== undefined) keys.delete(oldest);
      keys.set(parameter, key);
      return key;
    };
    if (!/\{(#|\(|T\()/.test(config.resolverParameter)) keyOf(config.resolverParameter);

    return {
      async authenticate(ctx) {
        const token = tokenOf(ctx);
        if (token === undefined) return undefined;
        try {
          const key = keyOf(String(await template.evaluate(ctx)));
          return identify(token, await verifyToken(token, key, algorithm, config), config);
        } catch (error) {
          if (error instanceof TokenRefused && error.because === 'token') throw invalid(ctx.api.name, error);
          throw new SluiceError('SECURITY_UNAVAILABLE', { cause: error });
        }
      },
      missing: (realm) =>
        new SluiceError('JWT_MISSING_TOKEN', {
          headers: { 'WWW-Authenticate': challenge('Bearer', { realm }) },
        }),
      conceal({ request }) {
        if (!config.propagateAuthHeader) request.headers.delete('authorization');
        if (request.query.has(PARAMETER)) concealParameter(request, PARAMETER);
      },
    };
  },
});

/** @throws Error for what the format has and nothing here does, so that no check is left out silently */
function checkSupported({
  publicKeyResolver,
  confirmationMethodValidation,
  revocationCheck,
}: JwtConfig): void {
  if (publicKeyResolver === 'GATEWAY_KEYS') {
    throw new Error('there are no GATEWAY_KEYS here; use GIVEN_KEY or JWKS_URL, a secret by an expression');
  }
  if (confirmationMethodValidation?.enabled === true) {
    throw new Error('confirmationMethodValidation needs mutual TLS, which is not there');
  }
  if (revocationCheck?.enabled === true)
    throw new Error('revocationCheck is not there: no revocation list is read');
}

function tokenOf({ request }: ExecutionContext): string | undefined {
  const header = /^bearer +(\S+)$/i.exec(request.headers.get('authorization')?.[0]?.trim() ?? '');
  return header?.[1] ?? (request.query.get(PARAMETER) || undefined);
}

/** @throws TokenRefused when no claim says whom the token is for */
function identify(token: string, claims: JWTPayload, config: JwtConfig): Identity {
  const text = (name: string) => (typeof claims[name] === 'string' ? (claims[name] as string) : undefined);
  const { clientIdClaim, userClaim, extractClaims, clockSkewSeconds } = config;
  const clientId = clientIdClaim === undefined ? (text('client_id') ?? text('azp')) : text(clientIdClaim);
  // Users of one application are clients of their own: they must not share one group's messages.
  const id = [...new Set([clientId, claims.sub])].filter((part) => part !== undefined).join(':');
  if (id === '') throw new TokenRefused('token', new Error('it has neither "sub" nor the claim of a client'));
  const user = text(userClaim);
  return {
    subscription: {
      id,
      ...(clientId === undefined ? {} : { clientId, applicationId: clientId }),
      metadata: {},
    },
    attributes: {
      // As selection rules of the format name it: `jwt.claims['role']`, and shorter `jwt.role`.
      jwt: { ...claims, claims, token },
      'jwt.token': token,
      ...(extractClaims ? { 'jwt.claims': claims } : {}),
      ...(user === undefined ? {} : { 'gravitee.attribute.user': user }),
    },
    ...(claims.exp === undefined ? {} : { expiresAtMs: (claims.exp + clockSkewSeconds) * 1000 }),
  };
}

function invalid(realm: string, cause: Error): SluiceError {
  const parameters = { realm, error: 'invalid_token' };
  return new SluiceError('JWT_INVALID_TOKEN', {
    cause,
    headers: { 'WWW-Authenticate': challenge('Bearer', parameters) },
  });
}
