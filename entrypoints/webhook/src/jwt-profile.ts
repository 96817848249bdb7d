import { createPrivateKey, createSecretKey, type KeyObject, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { JwtProfileConfig } from './auth-config.js';
import { entriesOf } from './tls.js';

/** The format's names of algorithms (`RSA_RS256`) as those of JWA (`RS256`, RFC 7518). */
export const SIGNATURE_ALGORITHMS = [
  'RSA_RS256',
  'RSA_RS384',
  'RSA_RS512',
  'HMAC_HS256',
  'HMAC_HS384',
  'HMAC_HS512',
] as const;

const SECONDS = { SECONDS: 1, MINUTES: 60, HOURS: 3600, DAYS: 86_400 } as const;

/** Makes client assertions (RFC 7523 §3), each with its own times and id. @throws Error when the key cannot be read */
export function assertionSigner(profile: JwtProfileConfig): () => Promise<string> {
  const alg = profile.signatureAlgorithm.slice(profile.signatureAlgorithm.indexOf('_') + 1);
  const key = signingKey(profile);
  const custom = Object.fromEntries(profile.customClaims.map(({ name, value }) => [name, value]));
  const lifeSeconds = profile.expirationTime * SECONDS[profile.expirationTimeUnit];
  return async () => {
    const now = Math.floor(Date.now() / 1000);
    return await new SignJWT(custom)
      .setProtectedHeader({ alg, typ: 'JWT', ...(profile.keyId === undefined ? {} : { kid: profile.keyId }) })
      .setIssuer(profile.issuer)
      .setSubject(profile.subject)
      .setAudience(profile.audience)
      .setIssuedAt(now)
      .setExpirationTime(now + lifeSeconds)
      .setJti(profile.jwtId ?? randomUUID())
      .sign(key);
  };
}

/** The key of a profile. @throws Error saying what is wrong with it, without quoting it */
export function signingKey(profile: JwtProfileConfig): KeyObject {
  const { signatureAlgorithm, keySource, keyContent, secretBase64Encoded, keystoreOptions } = profile;
  if (signatureAlgorithm.startsWith('HMAC')) {
    if (keySource !== 'INLINE') throw new Error('an HMAC secret is given by the keySource INLINE');
    const secret = Buffer.from(keyContent, secretBase64Encoded ? 'base64' : 'utf8');
    const needed = Number(signatureAlgorithm.slice(-3)) / 8;
    if (secret.length < needed) throw new Error(`the secret needs at least ${needed} bytes (RFC 7518 §3.2)`);
    return createSecretKey(secret);
  }
  const text = keySource === 'JKS' || keySource === 'PKCS12' ? fromStore() : keyContent;
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch {
    throw new Error('the private key cannot be read: PEM is needed, PKCS#8 or PKCS#1');
  }
  if (key.asymmetricKeyType !== 'rsa') throw new Error(`${signatureAlgorithm} needs an RSA key`);
  return key;

  function fromStore(): string {
    const { alias, storePassword, keyPassword } = keystoreOptions ?? {};
    const entries = entriesOf('keyStore', keyContent, storePassword, keyPassword);
    const found = Object.entries(entries).find(
      ([name, entry]) =>
        entry.key !== undefined && (alias === undefined || name.toLowerCase() === alias.toLowerCase()),
    );
    if (found?.[1].key === undefined) throw new Error('the store has no such key');
    return found[1].key;
  }
}
