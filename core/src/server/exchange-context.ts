import type { ExecutionContext, RequestInfo, ResponseInfo, SubscriptionInfo } from '../contract/context.js';
import type { Logger } from '../contract/logger.js';
import type { RunningApi } from '../runtime/deploy.js';
import { clientIdentifier } from './client-identifier.js';

/** The context of one HTTP exchange; what is not asked for is not computed. */
export class ExchangeContext implements ExecutionContext {
  readonly attributes = new Map<string, unknown>();
  readonly response: ResponseInfo = { status: 200, headers: new Map() };
  /** Of a key-less client until a plan has taken the request. */
  subscription: SubscriptionInfo;
  #clientIdentifier: string | undefined;
  #log: Logger | undefined;

  constructor(
    readonly api: RunningApi,
    readonly request: RequestInfo,
    readonly signal: AbortSignal,
  ) {
    this.subscription = { id: request.remoteAddress, type: 'standard', metadata: {} };
  }

  get clientIdentifier(): string {
    this.#clientIdentifier ??= clientIdentifier(this.request, this.api.id, this.subscription);
    return this.#clientIdentifier;
  }

  get log(): Logger {
    this.#log ??= this.api.log.child({ requestId: this.request.id });
    return this.#log;
  }
}
