import type { EndpointConnector } from '../contract/endpoint.js';
import type { SluiceError } from '../contract/errors.js';
import type { SubscriptionEntrypointPlugin } from '../contract/plugin.js';
import type { SubscriptionConnector } from '../contract/subscription.js';
import type { Binding } from './bind-endpoint.js';
import type { CheckedEndpoint, CheckedPush } from './check-definition.js';
import type { DeployProblem } from './deploy-problems.js';
import type { Pipeline } from './pipeline.js';
import type { Registered } from './registry.js';

/** A push entrypoint of a running API; `pipeline` is an error when nothing stands behind it. */
export interface RunningPush {
  readonly plugin: Registered<SubscriptionEntrypointPlugin>;
  readonly connector: SubscriptionConnector;
  readonly pipeline: Pipeline | SluiceError;
  /** Where messages go that cannot be delivered. */
  readonly deadLetters?: EndpointConnector;
}

/** What subscriptions are checked against: an API that serves, or one that would. */
export interface Subscribable {
  readonly id: string;
  /** By the ids of its open push plans. */
  readonly pushPlans: ReadonlyMap<string, unknown>;
  readonly push: readonly Pick<RunningPush, 'plugin'>[];
  /** Why the API is not served, though nothing is wrong with it: subscriptions are checked and not run. */
  readonly idle?: string;
}

/**
 * The endpoint that `dlq.endpoint` names: one of that name, else the first that can publish of a group of that name.
 * @param binding what the entrypoint reads from; it may be the same endpoint
 */
export function bindDeadLetters(
  { definition, path }: CheckedPush,
  binding: Binding | SluiceError,
  endpoints: readonly CheckedEndpoint[],
  problems: DeployProblem[],
): CheckedEndpoint | undefined {
  if (definition.dlq === undefined) return undefined;
  const wanted = definition.dlq.endpoint;
  const able = endpoints.filter(({ modes }) => modes.includes('publish'));
  const found =
    able.find((end) => end.definition.name === wanted) ?? able.find(({ group }) => group === wanted);
  if (found !== undefined) {
    if ('members' in binding && binding.members.includes(found) && found.echoes) {
      const message = `dead letters of "${wanted}" would be read again, and come back for ever; give them a topic that is not read`;
      problems.push({ severity: 'error', path: [...path, 'dlq', 'endpoint'], message });
    }
    return found;
  }
  const known = endpoints.some((end) => end.definition.name === wanted || end.group === wanted);
  const names = able.map((end) => `"${end.definition.name}"`);
  const what = known ? `"${wanted}" cannot publish` : `no endpoint or group is named "${wanted}"`;
  const hint = names.length === 0 ? 'no endpoint of this API can' : `what can: ${names.join(', ')}`;
  const message = `${what}, so dead letters would be lost; ${hint} (for Kafka: is producer.enabled set?)`;
  problems.push({ severity: 'error', path: [...path, 'dlq', 'endpoint'], message });
  return undefined;
}
