import { randomUUID } from 'node:crypto';
import type { ExecutionContext, RequestInfo, ResponseInfo, SubscriptionInfo } from '../contract/context.js';
import type { Logger } from '../contract/logger.js';
import type { RunningApi } from '../runtime/deploy.js';
import type { SubscriptionRecord } from './record.js';

/**
 * What flows and expressions see of a subscription's run: nobody called, so the request is empty but for its method
 * `OTHER` and the subscription's channel; who reads is the subscription.
 */
export class SubscriptionContext implements ExecutionContext {
  readonly request: RequestInfo;
  readonly response: ResponseInfo = { status: 200, headers: new Map() };
  readonly subscription: SubscriptionInfo;
  readonly clientIdentifier: string;
  readonly client: string;
  readonly attributes: Map<string, unknown>;
  readonly log: Logger;

  constructor(
    readonly api: RunningApi,
    record: SubscriptionRecord,
    readonly signal: AbortSignal,
  ) {
    const { id, plan, application, channel, metadata } = record;
    this.clientIdentifier = id;
    this.client = id;
    this.subscription = {
      id,
      type: 'push',
      metadata,
      ...(plan === undefined ? {} : { planId: plan }),
      ...(application === undefined ? {} : { applicationId: application }),
    };
    this.attributes = new Map<string, unknown>([
      ['gravitee.attribute.api', api.id],
      ['gravitee.attribute.plan', plan],
      ['gravitee.attribute.application', application],
      ['gravitee.attribute.user-id', id],
    ]);
    for (const [name, value] of this.attributes) if (value === undefined) this.attributes.delete(name);
    this.log = api.log.child({ subscription: id });
    this.request = {
      id: randomUUID(),
      method: 'OTHER',
      uri: '',
      path: '',
      contextPath: '/',
      pathInfo: channel,
      query: new URLSearchParams(),
      headers: new Map(),
      headerNames: new Map(),
      pathParams: new Map(),
      scheme: 'http',
      host: '',
      remoteAddress: '',
      timestampMs: Date.now(),
    };
  }
}
