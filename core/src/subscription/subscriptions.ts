import { randomUUID } from 'node:crypto';
import { SluiceError } from '../contract/errors.js';
import type { Logger } from '../contract/logger.js';
import type { Gateway } from '../runtime/gateway.js';
import { StoredAttempts } from './attempt-log.js';
import type { DocumentStore } from './document-store.js';
import { inFormOf, oneForm } from './forms.js';
import { KeptSubscription, problemLine, type SubscriptionHome } from './kept-subscription.js';
import { unmask } from './masking.js';
import { mergePatch } from './merge-patch.js';
import { type ReadWish, readWish } from './read-wish.js';
import type { SubscriptionRecord, SubscriptionWish } from './record.js';
import { SubscriptionRefusal } from './refusal.js';
import { type DeclaredSubscription, freshRecord, readable, takeUp } from './take-up.js';
import { subscriptionView } from './view.js';

/** Where subscriptions and the counts of their attempts are kept. */
export interface SubscriptionStores {
  readonly subscriptions: DocumentStore;
  readonly attempts: DocumentStore;
}

/** How long whoever makes a subscription waits for the endpoint to know where it begins. */
const BEGIN_WITHIN_MS = 15_000;

/** Each that runs costs a consumer. */
const MAX_SUBSCRIPTIONS = 10_000;

/** Keeps the subscriptions of a gateway and runs those that are to run; what the management API speaks to. */
export class Subscriptions {
  readonly #kept = new Map<string, KeptSubscription>();
  readonly #home: SubscriptionHome;
  #stopped = false;

  /** @param drainMs how long one that is paused, changed or removed may finish what is in flight */
  constructor(
    gateway: Gateway,
    private readonly stores: SubscriptionStores,
    private readonly log: Logger,
    drainMs: number,
  ) {
    const find = (id: string) => gateway.apis.find((api) => api.id === id);
    this.#home = { find, store: stores.subscriptions, log, drainMs };
  }

  /** Takes up what is stored and what files declare, and runs it. @throws Error when a store cannot be read at all */
  async start(declared: readonly DeclaredSubscription[]): Promise<void> {
    const attempts = new Map<string, unknown>();
    for (const { id, document } of await readable(this.stores.attempts, this.log)) attempts.set(id, document);
    for (const record of await takeUp(this.stores.subscriptions, declared, this.log)) {
      this.#add(record, attempts.get(record.id)).reconcile();
    }
  }

  /** Stops all of them, each within `timeoutMs`. Safe to call twice. */
  async stop(timeoutMs: number): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#kept.values()].map((kept) => kept.stop(timeoutMs)));
  }

  /** Every subscription, with its secrets. */
  get records(): readonly SubscriptionRecord[] {
    return [...this.#kept.values()].map(({ record }) => record);
  }

  /** The subscriptions of an API, as they may be shown. @throws SubscriptionRefusal 404 */
  list(apiId: string): readonly object[] {
    this.#mustBeDeployed(apiId);
    return this.records.filter(({ api }) => api === apiId).map((record) => this.#view(record));
  }

  /** @throws SubscriptionRefusal 404 */
  get(apiId: string, id: string): object {
    return this.#view(this.#find(apiId, id).record);
  }

  /**
   * Makes a subscription and runs it. When this resolves the endpoint knows where it begins: whatever is published from
   * then on is delivered. @throws SubscriptionRefusal 400, 404, 409, 503 when nothing is kept of it
   */
  async create(apiId: string, document: unknown): Promise<{ readonly id: string; readonly view: object }> {
    this.#mustBeDeployed(apiId);
    if (this.#stopped) throw new SubscriptionRefusal(503, 'the gateway is being stopped');
    const { wish, id = randomUUID(), status = 'ACCEPTED' } = valid(this.#read(apiId, document));
    if (this.#kept.has(id)) throw new SubscriptionRefusal(409, `a subscription with the id "${id}" exists`);
    if (this.#kept.size >= MAX_SUBSCRIPTIONS) {
      throw new SubscriptionRefusal(409, `this gateway keeps at most ${MAX_SUBSCRIPTIONS} subscriptions`);
    }
    // Before it is stored, so that a second call with this id is refused meanwhile.
    const kept = this.#add(freshRecord(id, wish, status, 'api'));
    try {
      await kept.inTurn(() => kept.keep());
    } catch (error) {
      this.#kept.delete(id);
      throw error;
    }
    kept.reconcile();
    try {
      await begunInTime(kept);
    } catch (thrown) {
      await kept.inTurn(() => kept.remove());
      this.#kept.delete(id);
      throw notBegun(apiId, SluiceError.from(thrown), this.log);
    }
    return { id, view: this.#view(kept.record) };
  }

  /**
   * Replaces what a subscription's owner says of it, or with `patch` merges it in (RFC 7396). It stops, and runs again.
   * @throws SubscriptionRefusal 400, 404, 409, 503
   */
  update(apiId: string, id: string, document: unknown, patch: boolean): Promise<object> {
    const kept = this.#find(apiId, id);
    mustBeOurs(kept.record);
    return kept.inTurn(async () => {
      const before = kept.record;
      const shown = oneForm(this.#view(before)).value;
      const merged = () => mergePatch(shown, oneForm(document, { nulls: true }).value);
      const whole = patch ? inFormOf(document, merged()) : document;
      const read = valid(this.#read(apiId, whole, before));
      if (read.id !== undefined && read.id !== id) {
        throw new SubscriptionRefusal(400, '$.id: the id of a subscription cannot be changed');
      }
      const { consumerStatus, failureCause, failedMessage, skip, createdAt } = before;
      await kept.change({
        ...freshRecord(id, read.wish, read.status ?? before.status, 'api'),
        consumerStatus,
        ...(failureCause === undefined ? {} : { failureCause }),
        ...(failedMessage === undefined ? {} : { failedMessage }),
        ...(skip === undefined ? {} : { skip }),
        createdAt,
      });
      return this.#view(kept.record);
    });
  }

  /** Stops it, keeping its place. @throws SubscriptionRefusal 404, 409 when it is not `ACCEPTED` or `PAUSED`, 503 */
  pause(apiId: string, id: string): Promise<object> {
    return this.#setStatus(apiId, id, 'PAUSED');
  }

  /**
   * Lets a paused or failed one run again, without the message that it failed on where `skip` names it.
   * @throws SubscriptionRefusal as `pause`; 409 when it did not fail on the message `skip`
   */
  resume(apiId: string, id: string, skip?: string): Promise<object> {
    return this.#setStatus(apiId, id, 'ACCEPTED', skip);
  }

  /** Stops it and forgets it. @throws SubscriptionRefusal 404, 409 when a file declares it, 503 */
  remove(apiId: string, id: string): Promise<void> {
    const kept = this.#find(apiId, id);
    mustBeOurs(kept.record);
    return kept.inTurn(async () => {
      await kept.remove();
      this.#kept.delete(id);
    });
  }

  #setStatus(apiId: string, id: string, status: 'PAUSED' | 'ACCEPTED', skip?: string): Promise<object> {
    const kept = this.#find(apiId, id);
    return kept.inTurn(async () => {
      const { failureCause, failedMessage, skip: _, ...rest } = kept.record;
      if (rest.status !== 'ACCEPTED' && rest.status !== 'PAUSED') {
        throw new SubscriptionRefusal(409, `the subscription is ${rest.status}`);
      }
      if (skip !== undefined && skip !== failedMessage) {
        const why =
          failedMessage === undefined ? 'it failed on no message' : `it failed on "${failedMessage}"`;
        throw new SubscriptionRefusal(409, `$.skip: the subscription cannot leave out "${skip}": ${why}`);
      }
      const updatedAt = new Date().toISOString();
      if (status === 'PAUSED') {
        // What has failed stays for its owner to read.
        await kept.change({ ...kept.record, status, updatedAt });
      } else {
        // Whoever resumes it gives its messages a new budget of attempts.
        await kept.attempts.clear();
        const left = skip === undefined ? {} : { skip };
        await kept.change({ ...rest, ...left, status, consumerStatus: 'STARTED', updatedAt });
      }
      return this.#view(kept.record);
    });
  }

  #add(record: SubscriptionRecord, attempts?: unknown): KeptSubscription {
    const log = new StoredAttempts(record.id, this.stores.attempts, this.log, attempts);
    const kept = new KeptSubscription(record, log, this.#home);
    this.#kept.set(record.id, kept);
    return kept;
  }

  #mustBeDeployed(apiId: string): void {
    if (this.#home.find(apiId) !== undefined) return;
    throw new SubscriptionRefusal(404, 'No API with this id is deployed');
  }

  #find(apiId: string, id: string): KeptSubscription {
    this.#mustBeDeployed(apiId);
    const kept = this.#kept.get(id);
    if (kept?.record.api === apiId) return kept;
    throw new SubscriptionRefusal(404, 'The API has no subscription with this id');
  }

  /** @param before whose secrets stand behind masks in the document */
  #read(apiId: string, document: unknown, before?: SubscriptionRecord): ReadWish {
    const own = before?.entrypointConfiguration;
    return readWish(document, this.#home.find, { api: apiId }, ({ plugin }, configuration) => {
      const secretsOf = (value: unknown) => plugin.secretsOf?.(value) ?? [];
      const stored = own === undefined ? undefined : { configuration: own, secrets: secretsOf(own) };
      return unmask(configuration, secretsOf(configuration), stored);
    });
  }

  #view(record: SubscriptionRecord): object {
    const push = this.#home.find(record.api)?.push.find(({ plugin }) => plugin.id === record.entrypointId);
    return subscriptionView(record, push);
  }
}

/** @throws SluiceError why it has not begun */
async function begunInTime({ begun }: KeptSubscription): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SluiceError('REQUEST_TIMEOUT')), BEGIN_WITHIN_MS);
  });
  await Promise.race([begun, late]).finally(() => clearTimeout(timer));
}

function notBegun(api: string, error: SluiceError, log: Logger): SubscriptionRefusal {
  log.warn(
    { api, key: error.key, err: error.cause ?? error },
    'a subscription could not begin, and is not kept',
  );
  const why = `its place could not be recorded: ${error.message}`;
  return new SubscriptionRefusal(503, `The subscription was not made, because ${why}; try again`);
}

function mustBeOurs({ origin }: SubscriptionRecord): void {
  if (origin === 'api') return;
  throw new SubscriptionRefusal(409, 'A file declares this subscription: change it there');
}

function valid({ wish, problems, ...rest }: ReadWish): ReadWish & { readonly wish: SubscriptionWish } {
  if (wish !== undefined) return { wish, problems, ...rest };
  const lines = problems.filter(({ severity }) => severity === 'error').map(problemLine);
  throw new SubscriptionRefusal(400, lines.join('\n'));
}
