import type { Logger } from '../contract/logger.js';
import type { RunEnd } from '../contract/subscription.js';
import type { JsonPath } from '../definition/problem.js';
import { formatPath, pointerToPath } from '../definition/problem.js';
import type { RunningApi } from '../runtime/deploy.js';
import type { RunningPush } from '../runtime/running-push.js';
import type { StoredAttempts } from './attempt-log.js';
import type { DocumentStore } from './document-store.js';
import type { SubscriptionRecord } from './record.js';
import { SubscriptionRefusal } from './refusal.js';
import { due } from './schedule.js';
import { stored } from './stored-record.js';
import { SubscriptionRun } from './subscription-run.js';

/** What all subscriptions of a gateway share. */
export interface SubscriptionHome {
  /** The deployed API of an id. */
  readonly find: (apiId: string) => RunningApi | undefined;
  readonly store: DocumentStore;
  readonly log: Logger;
  /** How long one that is paused, changed or removed may finish what is in flight; milliseconds. */
  readonly drainMs: number;
}

/**
 * One subscription: its record, and its run while it is to run. Changes are made one after the other, and stored
 * before they are made; only what happens by itself (a failure, an end) holds whether it can be stored or not.
 */
export class KeptSubscription {
  #record: SubscriptionRecord;
  #run: SubscriptionRun | undefined;
  #timer: NodeJS.Timeout | undefined;
  #changing: Promise<unknown> = Promise.resolve();
  #over = false;

  constructor(
    record: SubscriptionRecord,
    readonly attempts: StoredAttempts,
    private readonly home: SubscriptionHome,
  ) {
    this.#record = record;
  }

  get record(): SubscriptionRecord {
    return this.#record;
  }

  /** Does something that no other change to this subscription overlaps. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(work);
    this.#changing = done.catch(() => {});
    return done;
  }

  /** Stores it as it is. @throws SubscriptionRefusal 503 */
  keep(record: SubscriptionRecord = this.#record): Promise<void> {
    return this.home.store.put(record.id, stored(record)).catch((error: unknown) => this.#notStored(error));
  }

  /** Stops it, and runs it again as the record says. To be called in turn. @throws SubscriptionRefusal 503 */
  async change(record: SubscriptionRecord): Promise<void> {
    await this.keep(record);
    await this.#halt(this.home.drainMs);
    this.#record = record;
    this.reconcile();
  }

  /** Stops it for good and forgets it. To be called in turn. @throws SubscriptionRefusal 503 */
  async remove(): Promise<void> {
    await this.home.store.delete(this.#record.id).catch((error: unknown) => this.#notStored(error));
    this.#over = true;
    await this.#halt(this.home.drainMs);
    await this.attempts.clear();
  }

  /** Stops it because the gateway stops: its record says what it did. */
  async stop(drainMs: number): Promise<void> {
    this.#over = true;
    await this.#halt(drainMs);
    await this.#changing;
  }

  /** As {@link SubscriptionRun.begun} of its run; resolves at once when it is not to run now. */
  get begun(): Promise<void> {
    return this.#run?.begun ?? Promise.resolve();
  }

  /** Runs it when it is to run now, and looks again when that changes. */
  reconcile(): void {
    clearTimeout(this.#timer);
    if (this.#over) return;
    const { status, consumerStatus } = this.#record;
    const { now, lookAgainInMs } = due(this.#record, Date.now());
    if (lookAgainInMs !== undefined) {
      this.#timer = setTimeout(() => void this.inTurn(async () => this.reconcile()), lookAgainInMs);
      this.#timer.unref();
    }
    if (now === 'over' && status === 'ACCEPTED') void this.inTurn(() => this.#close());
    if (now !== 'running' || status !== 'ACCEPTED' || consumerStatus !== 'STARTED') return;
    if (this.#run === undefined) this.#begin();
  }

  #begin(): void {
    const { id, api: apiId, entrypointId } = this.#record;
    const api = this.home.find(apiId);
    const push = api?.push.find(({ plugin }) => plugin.id === entrypointId);
    if (api === undefined || push === undefined) {
      const what =
        api === undefined ? `the API "${apiId}" is not deployed` : `"${entrypointId}" is not in it`;
      this.home.log.error({ subscription: id, api: apiId }, `a subscription waits: ${what}`);
      return;
    }
    const subscriber = structuredClone(this.#record.entrypointConfiguration);
    const fault = faultOf(this.#record, subscriber, api, push);
    if (fault !== undefined) {
      void this.inTurn(() => this.#fail(`the subscription cannot run as it is stored: ${fault}`));
      return;
    }
    const run = new SubscriptionRun({
      api,
      push,
      record: { ...this.#record, entrypointConfiguration: subscriber },
      attempts: this.attempts,
      onEnd: (end) => void this.inTurn(() => this.#ended(run, end)),
    });
    this.#run = run;
    this.home.log.info({ subscription: id, api: apiId }, 'a subscription runs');
  }

  async #ended(run: SubscriptionRun, end: RunEnd): Promise<void> {
    if (this.#run !== run) return;
    this.#run = undefined;
    if (end.ended === 'failed') {
      await this.#fail(`${end.reason.code}: ${end.reason.message}`, end.reason.cause, end.message);
    } else if (end.ended === 'finished') {
      this.home.log.info(
        { subscription: this.#record.id },
        'the endpoint has nothing more for a subscription',
      );
      await this.#note({ ...this.#record, consumerStatus: 'STOPPED' });
    }
  }

  async #fail(failureCause: string, cause?: unknown, failedMessage?: string): Promise<void> {
    const { failedMessage: _, ...record } = this.#record;
    const failure = { failureCause, ...(failedMessage === undefined ? {} : { failedMessage }) };
    this.home.log.error(
      { subscription: record.id, api: record.api, ...failure, err: cause },
      'a subscription has failed',
    );
    await this.#note({ ...record, consumerStatus: 'FAILURE', ...failure });
  }

  /** Its time is over. */
  async #close(): Promise<void> {
    await this.#halt(this.home.drainMs);
    await this.#note({ ...this.#record, status: 'CLOSED', consumerStatus: 'STOPPED' });
  }

  async #note(record: SubscriptionRecord): Promise<void> {
    this.#record = { ...record, updatedAt: new Date().toISOString() };
    await this.keep().catch(() => {});
  }

  async #halt(drainMs: number): Promise<void> {
    clearTimeout(this.#timer);
    const run = this.#run;
    this.#run = undefined;
    await run?.stop(drainMs);
  }

  #notStored(error: unknown): never {
    this.home.log.error({ subscription: this.#record.id, err: error }, 'a subscription could not be stored');
    throw new SubscriptionRefusal(503, 'the subscription could not be stored, and is as it was');
  }
}

/** A definition or a gateway that has changed since may ask for something else; new defaults are filled in, in place. */
function faultOf(
  { plan }: SubscriptionRecord,
  subscriber: Record<string, unknown>,
  api: RunningApi,
  { plugin }: RunningPush,
): string | undefined {
  if (plan !== undefined && !api.pushPlans.has(plan)) return `its plan "${plan}" is not open`;
  const [invalid] = plugin.validateSubscription(subscriber);
  if (invalid !== undefined) return problemLine(invalid);
  const [fault] = plugin.checkSubscription?.(subscriber) ?? [];
  if (fault === undefined) return undefined;
  return problemLine({ path: pointerToPath(fault.pointer), message: fault.message });
}

/** A problem and its place, on one line. */
export function problemLine({
  path,
  message,
}: {
  readonly path: JsonPath;
  readonly message: string;
}): string {
  return `${formatPath(path)}: ${message}`;
}
