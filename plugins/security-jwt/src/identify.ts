import type { Identity } from '@sluice/core';
import type { JWTPayload } from 'jose';
import type { ClientEntry } from './clients.js';
import type { JwtConfig } from './config.js';
import { TokenRefused } from './verify.js';

/**
 * The client that a token identifies.
 * @param clients that have a subscription, by what their claim says
 * @throws TokenRefused when no claim says whom it is for, its client needs a subscription and has none, or it has no end where
 * it must have one
 */
export function identify(
  token: string,
  claims: JWTPayload,
  config: JwtConfig,
  clients: ReadonlyMap<string, ClientEntry>,
): Identity {
  const { clientIdClaim, userClaim, extractClaims, clockSkewSeconds, requireSubscription } = config;
  const clientId =
    clientIdClaim === undefined
      ? (textAt(claims, 'client_id') ?? textAt(claims, 'azp'))
      : textAt(claims, clientIdClaim);
  const entry = clientId === undefined ? undefined : clients.get(clientId);
  if (requireSubscription && entry === undefined) {
    const whose =
      clientId === undefined ? 'no claim names its client' : `the client "${clientId}" has no subscription`;
    throw new TokenRefused('token', new Error(whose));
  }
  // Users of one application are clients of their own: they must not share one group's messages.
  const { sub } = claims as { readonly sub?: unknown };
  if (sub !== undefined && typeof sub !== 'string')
    throw new TokenRefused('token', new Error('"sub" is no text'));
  if (config.requireExpiry && claims.exp === undefined)
    throw new TokenRefused('token', new Error('it has no "exp"'));
  const id = [...new Set([clientId, sub])]
    .flatMap((part) => (part === undefined ? [] : [joinable(part)]))
    .join(':');
  if (id === '') throw new TokenRefused('token', new Error('it has neither "sub" nor the claim of a client'));
  const user = textAt(claims, userClaim);
  return {
    subscription: {
      id,
      ...(clientId === undefined ? {} : { clientId, applicationId: entry?.application ?? clientId }),
      ...(entry?.applicationName === undefined ? {} : { applicationName: entry.applicationName }),
      metadata: entry?.metadata ?? {},
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

/** A part of an id that is joined by colons: of two clients none can be named so that it is taken for the other. */
function joinable(part: string): string {
  return part.replaceAll('%', '%25').replaceAll(':', '%3A');
}

/** The text that a claim holds: the one of that very name, else what its parts between dots lead to. */
function textAt(claims: JWTPayload, name: string): string | undefined {
  const found = Object.hasOwn(claims, name)
    ? claims[name]
    : name.split('.').reduce(memberOf, claims as unknown);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

function memberOf(value: unknown, name: string): unknown {
  const isHolder = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
  return isHolder ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
