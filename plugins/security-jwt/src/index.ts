import {
  challenge,
  concealParameter,
  defineSecurity,
  type ExecutionContext,
  type PlanSecurity,
  SluiceError,
} from '@sluice/core';
import { CLIENTS_FILE_SCHEMA, clientsById } from './clients.js';
import { ALGORITHMS, JWT_SCHEMA, type JwtConfig } from './config.js';
import { identify } from './identify.js';
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
  files: { suffix: '.jwt-clients.json', schema: CLIENTS_FILE_SCHEMA },
  attributes: ['jwt', 'jwt.token', 'jwt.claims', 'gravitee.attribute.user'],
  create(config, { expressions, files, log, planId }): PlanSecurity {
    const algorithm = ALGORITHMS[config.signature] ?? config.signature;
    checkSupported(config);
    const clients = clientsById(files);
    if (config.requireSubscription && clients.size === 0) {
      log.warn({ plan: planId }, 'no *.jwt-clients.json file has a client for this plan: it takes nobody');
    }
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
          return identify(token, await verifyToken(token, key, algorithm, config), config, clients);
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

/** The credential of a request, which may be no token at all; undefined when it shows none. */
function tokenOf({ request }: ExecutionContext): string | undefined {
  const header = /^bearer(?: +(.*))?$/i.exec(request.headers.get('authorization')?.[0]?.trim() ?? '');
  if (header !== null) return header[1] ?? '';
  return request.query.get(PARAMETER) ?? undefined;
}

function invalid(realm: string, cause: Error): SluiceError {
  const parameters = { realm, error: 'invalid_token' };
  return new SluiceError('JWT_INVALID_TOKEN', {
    cause,
    headers: { 'WWW-Authenticate': challenge('Bearer', parameters) },
  });
}
