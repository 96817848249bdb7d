import { hash } from 'node:crypto';
import {
  challenge,
  concealParameter,
  defineSecurity,
  type ExecutionContext,
  type Identity,
  type PlanSecurity,
  type RequestInfo,
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
  files: { suffix: '.api-keys.json', schema: KEYS_FILE_SCHEMA },
  schema: API_KEY_SCHEMA,
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
      authenticate(ctx) {
        const key = keyOf(ctx);
        return key === undefined || key === '' ? undefined : identify(key, keys, ctx);
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

/** @throws Error when two entries have the same id or key */
function keysByDigest(entries: readonly KeyEntry[]): ReadonlyMap<string, KeyEntry> {
  const keys = new Map<string, KeyEntry>();
  const ids = new Set<string>();
  for (const entry of entries) {
    const digest = entry.sha256.toLowerCase();
    if (keys.has(digest))
      throw new Error(`the API keys "${keys.get(digest)?.id}" and "${entry.id}" are the same`);
    if (ids.has(entry.id)) throw new Error(`two API keys of the plan have the id "${entry.id}"`);
    ids.add(entry.id);
    keys.set(digest, entry);
  }
  return keys;
}

/** @throws SluiceError `API_KEY_INVALID`; the log says why */
function identify(key: string, keys: ReadonlyMap<string, KeyEntry>, ctx: ExecutionContext): Identity {
  const entry = keys.get(hash('sha256', key, 'hex'));
  const expiresAtMs = entry?.expiresAt === undefined ? undefined : Date.parse(entry.expiresAt);
  const refusal =
    entry === undefined
      ? 'the key is unknown'
      : entry.revoked
        ? `the key "${entry.id}" is revoked`
        : expiresAtMs !== undefined && expiresAtMs <= Date.now()
          ? `the key "${entry.id}" has expired`
          : undefined;
  if (entry === undefined || refusal !== undefined) {
    throw unauthorized('API_KEY_INVALID', ctx.api.name, new Error(refusal));
  }
  const { application, applicationName } = entry;
  return {
    subscription: {
      id: entry.id,
      ...(application === undefined ? {} : { applicationId: application }),
      ...(applicationName === undefined ? {} : { applicationName }),
      metadata: entry.metadata,
    },
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  };
}

function unauthorized(key: 'API_KEY_MISSING' | 'API_KEY_INVALID', realm: string, cause?: Error): SluiceError {
  return new SluiceError(key, { cause, headers: { 'WWW-Authenticate': challenge('ApiKey', { realm }) } });
}
