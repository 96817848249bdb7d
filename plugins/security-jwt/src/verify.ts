import { KeyObject } from 'node:crypto';
import { errors, type JWTPayload, type JWTVerifyOptions, type JWTVerifyResult, jwtVerify } from 'jose';
import type { JwtConfig, TypValidation } from './config.js';
import type { VerificationKey } from './keys.js';

/** Why a token was not taken: because of the token, or because its key cannot be had at the moment. */
export class TokenRefused extends Error {
  constructor(
    readonly because: 'token' | 'keys',
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** The claims of a token that is good. @throws TokenRefused */
export async function verifyToken(
  token: string,
  key: VerificationKey,
  algorithm: string,
  { issuer, audience, clockSkewSeconds, tokenTypValidation }: JwtConfig,
): Promise<JWTPayload> {
  const options: JWTVerifyOptions = {
    algorithms: [algorithm],
    clockTolerance: clockSkewSeconds,
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience: [audience].flat() }),
  };
  let verified: JWTVerifyResult;
  try {
    verified = await (key instanceof KeyObject ? jwtVerify(token, key, options) : anyOf(token, key, options));
  } catch (error) {
    throw new TokenRefused(isAboutTheToken(error) ? 'token' : 'keys', error);
  }
  checkTyp(verified.protectedHeader.typ, tokenTypValidation);
  return verified.payload;
}

/** A token that names no key is tried with each that would do. */
async function anyOf(
  token: string,
  key: Exclude<VerificationKey, KeyObject>,
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, key, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const candidate of error) {
      try {
        return await jwtVerify(token, candidate, options);
      } catch (failure) {
        if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

function isAboutTheToken(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return false;
  // The library's bare JOSEError stands for an answer of the key set that is not 200 or not JSON.
  return error instanceof errors.JOSEError && error.code !== errors.JOSEError.code;
}

function checkTyp(typ: string | undefined, check: TypValidation): void {
  if (!check.enabled || (typ === undefined && check.ignoreMissing)) return;
  const same = (a: string, b: string) => (check.ignoreCase ? a.toLowerCase() === b.toLowerCase() : a === b);
  if (typ !== undefined && check.expectedValues.some((expected) => same(expected, typ))) return;
  throw new TokenRefused('token', new Error(`"typ" is not ${check.expectedValues.join(' or ')}`));
}
