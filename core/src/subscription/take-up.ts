import type { Logger } from '../contract/logger.js';
import type { DocumentStore, StoredDocument } from './document-store.js';
import type { SubscriptionRecord, SubscriptionStatus, SubscriptionWish } from './record.js';
import { type DeclaredState, readStored, stored } from './stored-record.js';

/** A subscription that a file declares. */
export interface DeclaredSubscription {
  readonly id: string;
  readonly wish: SubscriptionWish;
  readonly status: SubscriptionStatus;
}

/**
 * The subscriptions there are when a gateway starts: what files declare, and what is stored. A declared one that was
 * paused or has failed stays so as long as its file says the same. What cannot be read is logged and left where it is.
 */
export async function takeUp(
  store: DocumentStore,
  declared: readonly DeclaredSubscription[],
  log: Logger,
): Promise<readonly SubscriptionRecord[]> {
  const kept = new Map<string, SubscriptionRecord | DeclaredState>();
  for (const found of await readable(store, log)) {
    const record = readStored(found.id, found.document);
    if (typeof record === 'string') unreadable({ file: `${found.id}.json`, fault: record }, log);
    else kept.set(found.id, record);
  }
  const records = declared.map((one): SubscriptionRecord => {
    const fresh = freshRecord(one.id, one.wish, one.status, 'file');
    const before = kept.get(one.id);
    kept.delete(one.id);
    if (before === undefined) return fresh;
    if (!('declaration' in before)) {
      log.warn({ subscription: one.id }, 'a file declares what the management API has made: the file wins');
      return fresh;
    }
    const { declaration, ...state } = before;
    return declaration === (stored(fresh) as DeclaredState).declaration ? { ...fresh, ...state } : fresh;
  });
  for (const record of kept.values()) if (!('declaration' in record)) records.push(record);
  return records;
}

/** A record that nothing has happened to yet. */
export function freshRecord(
  id: string,
  wish: SubscriptionWish,
  status: SubscriptionStatus,
  origin: SubscriptionRecord['origin'],
): SubscriptionRecord {
  const at = new Date().toISOString();
  return { ...wish, id, status, consumerStatus: 'STARTED', origin, createdAt: at, updatedAt: at };
}

/** The documents of a store that can be read; the others are logged. */
export async function readable(
  store: DocumentStore,
  log: Logger,
): Promise<readonly Extract<StoredDocument, { readonly id: string }>[]> {
  return (await store.all()).flatMap((found) => {
    if ('id' in found) return [found];
    unreadable(found, log);
    return [];
  });
}

function unreadable(found: Extract<StoredDocument, { readonly file: string }>, log: Logger): void {
  log.error({ ...found }, 'a stored document cannot be read; it is left where it is');
}
