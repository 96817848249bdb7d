import { ExpressionFault } from './faults.js';
import { parseJson } from './json-path.js';

/**
 * Gives a secret by its path below the provider, and the key within it; undefined when there is none.
 * @throws ExpressionFault with a message that holds nothing of the secret.
 */
export type SecretProvider = (path: string, key: string | undefined) => unknown;

const REFERENCE = /^\/(?<provider>[\w-]+)\/(?<path>[^:]+)(?::(?<key>.+))?$/;

/**
 * What is wrong with a reference to a secret, whatever there may be behind it; undefined when nothing is.
 * @param providers the names of those there are
 */
export function secretReferenceProblem(reference: string, providers: readonly string[]): string | undefined {
  const { provider } = REFERENCE.exec(reference)?.groups ?? {};
  if (provider === undefined) return 'a reference to a secret is /provider/path or /provider/path:key';
  if (providers.includes(provider)) return undefined;
  return `there is no provider of secrets "${provider}"; there is ${providers.join(', ')}`;
}

/**
 * What `secrets.get('/provider/path:key')` calls.
 * @throws (the function it gives) ExpressionFault for a malformed reference, an unknown provider, or no such secret.
 */
export function secretResolver(
  providers: Readonly<Record<string, SecretProvider>>,
): (reference: string) => unknown {
  return (reference) => {
    const wrong = secretReferenceProblem(reference, Object.keys(providers));
    if (wrong !== undefined) throw new ExpressionFault(wrong);
    const { provider = '', path = '', key } = REFERENCE.exec(reference)?.groups ?? {};
    const value = providers[provider]?.(path, key);
    if (value === undefined || value === null) throw new ExpressionFault(`there is no secret ${reference}`);
    return value;
  };
}

/** The provider `env`: `/env/NAME` is a variable, `/env/NAME:key` a member of one that is JSON. */
export function envSecrets(env: Readonly<Record<string, string | undefined>> = process.env): SecretProvider {
  return (name, key) => {
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    return key === undefined || value === undefined ? value : memberOf(value, key, `the variable ${name}`);
  };
}

/** A member of a secret that is a JSON object; undefined when it has none of that name. */
export function memberOf(json: string, key: string, what: string): unknown {
  const value = parseJson(json, what);
  const own = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
  return own ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}
