import type { ApiDefinition, FlowDefinition, StepDefinition } from '../definition/model.js';
import type { PolicyGroupDefinition } from '../definition/policy-group.js';
import { securityTypeOf } from './plan/security-type.js';
import type { PluginName } from './plugin-package.js';

/** Every plugin that a definition names, whether there is such a plugin or not; some more than once. */
export function* namedPlugins(definition: ApiDefinition): Iterable<PluginName> {
  for (const { entrypoints } of definition.listeners) {
    for (const { type } of entrypoints) yield { kind: 'entrypoint', id: type };
  }
  for (const { endpoints } of definition.endpointGroups) {
    for (const { type } of endpoints) yield { kind: 'endpoint', id: type };
  }
  for (const plan of definition.plans ?? []) {
    yield { kind: 'security', id: securityTypeOf(plan) };
    yield* namedInFlows(plan.flows);
  }
  yield* namedInFlows(definition.flows);
}

/** Every plugin that a policy group names. */
export function namedInGroup({ steps }: PolicyGroupDefinition): Iterable<PluginName> {
  return namedInSteps(steps);
}

function* namedInFlows(flows: readonly FlowDefinition[]): Iterable<PluginName> {
  for (const { request, response, publish, subscribe } of flows) {
    for (const steps of [request, response, publish, subscribe]) yield* namedInSteps(steps);
  }
}

function* namedInSteps(steps: readonly StepDefinition[]): Iterable<PluginName> {
  for (const { policy } of steps) yield { kind: 'policy', id: policy };
}
