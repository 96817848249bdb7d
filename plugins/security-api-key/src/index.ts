import { hash } from 'node:crypto';
import {
  challenge,
  concealParameter,
  defineSecurity,
  type ExecutionContext,
  type Identity,
  type PlanSecurity,
  type RequestInfo,
  readInstant,
  SluiceError,
} from '@sluice/core';
import { API_KEY_SCHEMA, type ApiKeyConfig, KEYS_FILE_SCHEMA, type KeyEntry } from './config.js';

/**
 * API keys. Only the SHA-256 of a key is kept. Finding one by its digest tells nothing about other keys: who sends
 * keys to measure the time of the look-up cannot choose the digests that are compared.
 */
export default defineSecurity<ApiKeyConfig>({
  kind: 'security',
  id: 'api-key',
  formatOptions: ['propagateApiKey'],
  files: { suffix: '.api-keys.json', schema: KEYS_FILE_SCHEMA },
  schema: API_KEY_SCHEMA,
  attributes: ['gravitee.attribute.api-key'],
  create(config, { files, log, planId }): PlanSecurity {
    const header = config.header.toLowerCase();
    const keys = keysByDigest(files.flatMap((file) => file.keys as readonly KeyEntry[]));
    if (keys.size === 0) {
      log.warn({ plan: planId }, 'no *.api-keys.json file has a key for this plan: it takes nobody');
    }
    const inQuery = ({ uri, query }: RequestInfo) =>
      // Most requests have no query: none is parsed for them.
      uri.includes('?') ? (query.get(config.queryParameter) ?? undefined) : undefined;
    const keyOf = ({ request }: ExecutionContext) => request.headers.get(header)?.[0] ?? inQuery(request);
    return {
      credentialHeaders: [header],
      authenticate(ctx) {
        const key = keyOf(ctx);
        return key === undefined ? undefined : identify(key, keys, ctx);
      },
      missing: (realm) => unauthorized('API_KEY_MISSING', realm),
      conceal(ctx) {
        if (config.propagateApiKey) {
          ctx.attributes.set('gravitee.attribute.api-key', keyOf(ctx));
          return;
        }
        ctx.request.headers.delete(header);
        if (inQuery(ctx.request) !== undefined) concealParameter(ctx.request, config.queryParameter);
      },
    };
  },
});

/** A key, and whom it stands for: the same object for each request with it. */
interface KnownKey {
  readonly entry: KeyEntry;
  readonly identity: Identity;
}

/** @throws Error when two entries have the same id or key, or one expires at a time that does not exist */
function keysByDigest(entries: readonly KeyEntry[]): ReadonlyMap<string, KnownKey> {
  const keys = new Map<string, KnownKey>();
  const ids = new Set<string>();
  for (const entry of entries) {
    const digest = entry.sha256.toLowerCase();
    const same = keys.get(digest);
    if (same !== undefined) throw new Error(`the API keys "${same.entry.id}" and "${entry.id}" are the same`);
    if (ids.has(entry.id)) throw new Error(`two API keys of the plan have the id "${entry.id}"`);
    ids.add(entry.id);
    keys.set(digest, { entry, identity: identityOf(entry) });
  }
  return keys;
}

function identityOf({ id, application, applicationName, metadata, expiresAt }: KeyEntry): Identity {
  return {
    subscription: {
      id,
      ...(application === undefined ? {} : { applicationId: application }),
      ...(applicationName === undefined ? {} : { applicationName }),
      metadata,
    },
    ...(expiresAt === undefined ? {} : { expiresAtMs: expiryOf(id, expiresAt) }),
  };
}

function expiryOf(id: string, expiresAt: string): number {
  const at = readInstant(expiresAt);
  if (at !== undefined) return at;
  throw new Error(`the API key "${id}" expires at "${expiresAt}", which does not exist`);
}

/** @throws SluiceError `API_KEY_INVALID`; the log says why */
function identify(key: string, keys: ReadonlyMap<string, KnownKey>, ctx: ExecutionContext): Identity {
  if (key === '') throw invalid('the key is empty', ctx);
  const known = keys.get(hash('sha256', key, 'hex'));
  if (known === undefined) throw invalid('the key is unknown', ctx);
  const { entry, identity } = known;
  if (entry.revoked) throw invalid(`the key "${entry.id}" is revoked`, ctx);
  if (identity.expiresAtMs !== undefined && identity.expiresAtMs <= Date.now())
    throw invalid(`the key "${entry.id}" has expired`, ctx);
  return identity;
}

function invalid(reason: string, ctx: ExecutionContext): SluiceError {
  return unauthorized('API_KEY_INVALID', ctx.api.name, new Error(reason));
}

function unauthorized(key: 'API_KEY_MISSING' | 'API_KEY_INVALID', realm: string, cause?: Error): SluiceError {
  return new SluiceError(key, { cause, headers: { 'WWW-Authenticate': challenge('ApiKey', { realm }) } });
}
