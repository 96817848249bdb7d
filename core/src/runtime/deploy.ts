import type { EntrypointConnector, Mode } from '../contract/entrypoint.js';
import type { SluiceError } from '../contract/errors.js';
import type { Logger } from '../contract/logger.js';
import type { EndpointPlugin, EntrypointPlugin } from '../contract/plugin.js';
import type { Telemetry } from '../contract/telemetry.js';
import type { ApiDefinition } from '../definition/model.js';

import { POLICY_GROUP_SUFFIX, type PolicyGroupDefinition } from '../definition/policy-group.js';
import { OpenStreams } from '../telemetry/open-streams.js';
import { bind, candidatesFor, pipelineOf } from './bind-endpoint.js';
import {
  type CheckedEndpoint,
  type CheckedEntrypoint,
  type CheckedPush,
  checkEndpoints,
  checkEntrypoints,
} from './check-definition.js';
import { type DataContents, NO_DATA } from './data-files.js';
import { type DeployProblem, deadLetterTargets, unsupported } from './deploy-problems.js';
import { ConfiguredEndpoint } from './endpoint/configured-endpoint.js';
import type { Candidate } from './endpoint/endpoint-choice.js';
import { apiExpressions, type ExpressionSources, secretProviders } from './expressions.js';
import type { FlowPlan } from './flow/flow-engine.js';
import { assignedAttributes } from './names/assigned-attributes.js';
import { nameProblems } from './names/check-names.js';
import { foreignPlaceholders } from './names/foreign-placeholders.js';
import type { Pipeline } from './pipeline.js';
import { compilePlans } from './plan/compile-plans.js';
import type { RunningPlan } from './plan/plan.js';
import type { PluginRegistry } from './registry.js';
import { ResponseTemplates } from './response-templates.js';
import { type RunningRoute, routesOf } from './route/running-route.js';
import { bindDeadLetters, type RunningPush, type Subscribable } from './running-push.js';

/** An entrypoint of a running API; `pipeline` is an error when nothing stands behind it, which it then answers. */
export interface RunningEntrypoint {
  readonly plugin: EntrypointPlugin;
  readonly connector: EntrypointConnector;
  readonly modes: readonly Mode[];
  readonly pipeline: Pipeline | SluiceError;
}

/** An endpoint of a running API. */
export interface RunningEndpoint extends Candidate {
  readonly plugin: EndpointPlugin;
}

/** A deployed API: nothing in it can fail for a reason of configuration. */
export interface RunningApi {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly credentialHeaders: ReadonlySet<string>;
  readonly routes: readonly RunningRoute[];
  /** Of the http listeners, most specific first. */
  readonly entrypoints: readonly RunningEntrypoint[];
  /** Of the subscription listeners. */
  readonly push: readonly RunningPush[];
  readonly endpoints: readonly RunningEndpoint[];
  /** Those in use that a request may be taken by, in the order they are asked. */
  readonly plans: readonly RunningPlan[];
  /** The flows of each push plan that subscriptions may be made under, by its id. */
  readonly pushPlans: ReadonlyMap<string, FlowPlan>;
  /** The flows of the API alone, for subscriptions without a plan. */
  readonly flows: FlowPlan;
  readonly responseTemplates: ResponseTemplates;
  readonly log: Logger;
}

/** What a definition is bound to beside the plugins. */
export interface DeploySources extends ExpressionSources {
  /** The data files beside the definitions; none when absent. */
  readonly data?: DataContents;
  /** Which endpoints are for this gateway: those of this tenant and those of none; all when absent. */
  readonly tenant?: string;
  /** Which APIs, plans and flows are for this gateway; all when absent. */
  readonly tags?: readonly string[];
  /** Whether what only serves less is an error too. */
  readonly strict?: boolean;
  /** Which of several processes this is; absent when it is the only one. */
  readonly worker?: number;
  /** What the operator opens to callbacks beside the public internet. */
  readonly allowTargets?: readonly string[];
  readonly telemetry?: Telemetry;
}

/** What became of a definition; without an error there is `offers`, and `api` unless it was a dry run. */
export interface Prepared {
  readonly api?: RunningApi;
  /** What subscriptions may be made to. */
  readonly offers?: Subscribable;
  readonly problems: readonly DeployProblem[];
}

/**
 * Binds a definition to the installed plugins. Everything that can be decided now is decided now, and every
 * problem is reported. With `dryRun` nothing is created.
 */
export function prepareApi(
  definition: ApiDefinition,
  registry: PluginRegistry,
  log: Logger,
  options: { readonly dryRun?: boolean } & DeploySources = {},
): Prepared {
  const data = options.data ?? NO_DATA;
  const groups = (data.get(POLICY_GROUP_SUFFIX) ?? []) as unknown as readonly PolicyGroupDefinition[];
  const names = { registry, groups, secretProviders: secretProviders(options) };
  const problems: DeployProblem[] = [
    ...unsupported(definition),
    ...nameProblems(definition, names),
    ...foreignPlaceholders(definition),
  ];
  const expressions = apiExpressions(definition, options);
  const assigned = assignedAttributes(definition, groups);
  const endpoints = checkEndpoints(definition, registry, expressions, options.tenant, assigned, problems);
  const { called, push } = checkEntrypoints(definition, registry, problems);
  const apiLog = log.child({ api: definition.id });
  const { telemetry } = options;
  const host = {
    log: apiLog,
    gatewayLog: log,
    apiId: definition.id,
    ...(options.worker === undefined ? {} : { worker: options.worker }),
    ...(telemetry === undefined ? {} : { telemetry }),
  };
  const routes = routesOf(definition, problems);
  const plans = compilePlans(definition, {
    ...{ registry, host, expressions, problems, data, groups },
    ...(options.tags === undefined ? {} : { tags: options.tags }),
    strict: options.strict ?? false,
    onConditionFailure: definition.flowExecution.onConditionFailure,
  });
  const responseTemplates = ResponseTemplates.compile(definition, expressions, problems);
  // Bindings are judged only when every endpoint is known: otherwise each would be reported as missing.
  if (problems.some(({ severity }) => severity === 'error')) return { problems };
  const deadLetters = deadLetterTargets(definition);
  const bindOf = (entry: CheckedEntrypoint | CheckedPush) =>
    bind(entry, candidatesFor(entry, endpoints, deadLetters), endpoints, problems);
  const bound = called.map((entry) => ({ entry, binding: bindOf(entry) }));
  const boundPush = push.map((entry) => {
    const binding = bindOf(entry);
    return { entry, binding, deadLetters: bindDeadLetters(entry, binding, endpoints, problems) };
  });
  // Before anything is opened, so that nothing is left open when one refuses.
  const connectors = boundPush.map(({ entry }) => {
    try {
      const pushHost = { ...host, expressions, allowTargets: options.allowTargets ?? [] };
      return entry.plugin.create(entry.configuration, pushHost);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      problems.push({ severity: 'error', path: [...entry.path, 'configuration'], message });
      return undefined;
    }
  });
  if (problems.some(({ severity }) => severity === 'error')) return { problems };
  const offers = { id: definition.id, pushPlans: plans.push, push: push.map(({ plugin }) => ({ plugin })) };
  if (options.dryRun === true) return { offers, problems };

  // Before endpoints, so that none is left open when one of these throws.
  const handlers = bound.map(({ entry }) => entry.plugin.create(entry.configuration, host));
  const running = new Map<CheckedEndpoint, RunningEndpoint>();
  for (const end of endpoints) {
    const { name, weight, secondary } = end.definition;
    const { group, balancing, plugin } = end;
    const connector = new ConfiguredEndpoint(plugin, end.template, host);
    running.set(end, { name, group, balancing, weight, secondary, plugin, connector });
  }
  const candidateOf = (end: CheckedEndpoint) => running.get(end) as RunningEndpoint;
  const streamsOf = (entrypoint: string) => new OpenStreams(telemetry?.metrics, definition.id, entrypoint);
  const api: RunningApi = {
    id: definition.id,
    name: definition.name,
    version: definition.apiVersion,
    credentialHeaders: new Set(
      plans.standard
        .flatMap(({ security }) => security?.credentialHeaders ?? [])
        .map((name) => name.toLowerCase()),
    ),
    routes,
    entrypoints: bound.map(({ entry: { plugin, modes }, binding }, index) => ({
      plugin,
      modes: 'modes' in binding ? binding.modes : modes,
      connector: handlers[index] as EntrypointConnector,
      pipeline: pipelineOf(binding, candidateOf, plugin.modes, streamsOf(plugin.id)),
    })),
    push: boundPush.flatMap(({ entry, binding, deadLetters: end }, index): RunningPush[] => {
      const connector = connectors[index];
      const letters = end === undefined ? undefined : running.get(end);
      if (connector === undefined) return [];
      const pipeline = pipelineOf(binding, candidateOf, entry.plugin.modes, streamsOf(entry.plugin.id));
      const rest = letters === undefined ? {} : { deadLetters: letters.connector };
      return [{ plugin: entry.plugin, connector, pipeline, ...rest }];
    }),
    endpoints: [...running.values()],
    plans: plans.standard,
    pushPlans: plans.push,
    flows: plans.api,
    responseTemplates,
    log: apiLog,
  };
  return { api, offers, problems };
}
