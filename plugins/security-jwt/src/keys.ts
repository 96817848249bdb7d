import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { Agent, EnvHttpProxyAgent, fetch } from 'undici';
import type { JwtConfig } from './config.js';

/** What a signature is checked with. */
export type VerificationKey = KeyObject | JWTVerifyGetKey;

/**
 * A given key: the secret of an HMAC, else a public key as PEM (also of a certificate), an `ssh-rsa` line or a JWK.
 * @throws Error in words, without the key
 */
export function givenKey(text: string, algorithm: string): KeyObject {
  if (algorithm.startsWith('HS')) {
    const needed = Number(algorithm.slice(2)) / 8;
    // RFC 7518 §3.2: a shorter secret is easier to guess than the signature.
    if (Buffer.byteLength(text) < needed)
      throw new Error(`the secret of ${algorithm} needs at least ${needed} bytes`);
    return createSecretKey(Buffer.from(text));
  }
  try {
    const trimmed = text.trim();
    if (trimmed.startsWith('ssh-rsa ')) return sshKey(trimmed);
    if (trimmed.startsWith('{')) return createPublicKey({ key: JSON.parse(trimmed), format: 'jwk' });
    const pem = trimmed.startsWith('-----')
      ? trimmed
      : `-----BEGIN PUBLIC KEY-----\n${trimmed}\n-----END PUBLIC KEY-----`;
    return createPublicKey(pem);
  } catch {
    throw new Error('the key is not a public key as PEM, an ssh-rsa line or a JWK');
  }
}

/** A line of OpenSSH's public keys (RFC 4253 §6.6): its type, exponent and modulus, each with a length before it. */
function sshKey(line: string): KeyObject {
  const bytes = Buffer.from(line.split(/\s+/)[1] ?? '', 'base64');
  const parts: Buffer[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at);
    parts.push(bytes.subarray(at + 4, end));
    at = end;
  }
  const [, exponent, modulus] = parts;
  if (exponent === undefined || modulus === undefined) throw new Error('not a key');
  const number = (part: Buffer) => part.subarray(part[0] === 0 ? 1 : 0).toString('base64url');
  return createPublicKey({ key: { kty: 'RSA', e: number(exponent), n: number(modulus) }, format: 'jwk' });
}

/** How long a key set is good without being read again, and the least time between two readings for an unknown key. */
const CACHE_MS = 600_000;
const COOLDOWN_MS = 5000;

/**
 * The keys of a key set, read when the first token comes, again after ten minutes, and when a token names a key that
 * is not there (a rotation), at most every five seconds.
 * @throws Error when the address is not one of http or https
 */
export function remoteKeys(
  address: string,
  { connectTimeout, requestTimeout, followRedirects, useSystemProxy }: JwtConfig,
): JWTVerifyGetKey {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new Error('the address of the key set must begin with https:// or http://');
  }
  const connect = { timeout: connectTimeout };
  const dispatcher = useSystemProxy ? new EnvHttpProxyAgent({ connect }) : new Agent({ connect });
  const redirect = followRedirects ? 'follow' : 'manual';
  const read = async (where: string, options: object) =>
    (await fetch(where, { ...options, redirect, dispatcher })) as unknown as Response;
  return createRemoteJWKSet(url, {
    timeoutDuration: requestTimeout,
    cacheMaxAge: CACHE_MS,
    cooldownDuration: COOLDOWN_MS,
    [customFetch]: read,
  });
}
