import type { RunningPush } from '../runtime/running-push.js';
import { masked } from './masking.js';
import type { SubscriptionRecord } from './record.js';

/**
 * What the management API shows of a subscription: in the form in which one is made, secrets masked. Without its
 * entrypoint nobody can tell what is secret, so its configuration is left out.
 */
export function subscriptionView(record: SubscriptionRecord, push: RunningPush | undefined): object {
  const { id, api, plan, application, entrypointId, channel, entrypointConfiguration, ...rest } = record;
  const secrets = push?.plugin.secretsOf?.(structuredClone(entrypointConfiguration) as never) ?? [];
  return {
    id,
    apiId: api,
    ...(plan === undefined ? {} : { planId: plan }),
    ...(application === undefined ? {} : { applicationId: application }),
    type: 'PUSH',
    consumerConfiguration: {
      entrypointId,
      channel,
      ...(push === undefined ? {} : { entrypointConfiguration: masked(entrypointConfiguration, secrets) }),
    },
    ...rest,
  };
}
