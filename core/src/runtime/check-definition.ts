import type { Mode } from '../contract/entrypoint.js';
import type {
  AssignedAttribute,
  EndpointPlugin,
  EntrypointPlugin,
  SubscriptionEntrypointPlugin,
} from '../contract/plugin.js';
import type { Expressions } from '../contract/policy.js';
import type {
  ApiDefinition,
  EndpointDefinition,
  EndpointGroupDefinition,
  EntrypointDefinition,
} from '../definition/model.js';
import { type JsonPath, pointerToPath } from '../definition/problem.js';
import type { SchemaProblem } from '../definition/validator.js';
import type { CheckedConfiguration } from './configuration-check.js';
import { configurationProblems, type DeployProblem, expressionProblems, isError } from './deploy-problems.js';
import { EndpointTemplate } from './endpoint/endpoint-template.js';
import type { LoadBalancing } from './endpoint/load-balancer.js';
import { expressionPaths } from './expression-paths.js';
import type { PluginRegistry, Registered } from './registry.js';

/** An endpoint whose plugin accepts its configuration. */
export interface CheckedEndpoint {
  readonly definition: EndpointDefinition;
  /** The name of its group. */
  readonly group: string;
  /** How exchanges are spread over its group. */
  readonly balancing: LoadBalancing;
  readonly plugin: Registered<EndpointPlugin>;
  readonly template: EndpointTemplate;
  readonly modes: readonly Mode[];
  /** Whether what is published to it comes back to who reads it. */
  readonly echoes: boolean;
}

/** An entrypoint whose plugin accepts its configuration. */
export interface CheckedEntrypoint<P = EntrypointPlugin> {
  readonly definition: EntrypointDefinition;
  /** Complete. */
  readonly configuration: Record<string, unknown>;
  readonly plugin: P;
  readonly modes: readonly Mode[];
  readonly path: JsonPath;
}

/** A push entrypoint whose plugin accepts its configuration. */
export type CheckedPush = CheckedEntrypoint<Registered<SubscriptionEntrypointPlugin>>;

const BOTH: readonly Mode[] = ['publish', 'subscribe'];

/** Checks every endpoint against its plugin; those in order come back, the rest is in `problems`. */
export function checkEndpoints(
  definition: ApiDefinition,
  registry: PluginRegistry,
  expressions: Expressions,
  tenant: string | undefined,
  assigned: readonly AssignedAttribute[],
  problems: DeployProblem[],
): readonly CheckedEndpoint[] {
  const report = (path: JsonPath, message: string) => problems.push({ severity: 'error', path, message });
  const checked: CheckedEndpoint[] = [];
  const names = new Set<string>();
  definition.endpointGroups.forEach((group, groupIndex) => {
    group.endpoints.forEach((endpoint, index) => {
      const path: JsonPath = ['endpointGroups', groupIndex, 'endpoints', index];
      if (names.has(endpoint.name)) report([...path, 'name'], `another endpoint is named "${endpoint.name}"`);
      names.add(endpoint.name);
      const plugin = registry.find('endpoint', endpoint.type);
      if (typeof plugin === 'string') {
        report([...path, 'type'], plugin);
        return;
      }
      const inherits = endpoint.inheritConfiguration;
      const configuration = plugin.written.check(endpoint.configuration);
      const shared = plugin.writtenShared.check(
        inherits ? group.sharedConfiguration : endpoint.sharedConfigurationOverride,
      );
      const sharedPath: JsonPath = inherits
        ? ['endpointGroups', groupIndex, 'sharedConfiguration']
        : [...path, 'sharedConfigurationOverride'];
      const configPath: JsonPath = [...path, 'configuration'];
      const found = [
        ...configurationProblems(fixedOnly(configuration), configPath),
        ...configurationProblems(fixedOnly(shared), sharedPath),
      ];
      problems.push(...found);
      if (found.some(isError)) return;
      if (leavesConfiguration(group, endpoint)) {
        const message = `the endpoint has no shared configuration: set inheritConfiguration to true for that of the group "${group.name}", or write a sharedConfigurationOverride`;
        report([...path, 'inheritConfiguration'], message);
        return;
      }
      for (const problem of plugin.check?.(configuration.value, shared.value, assigned) ?? []) {
        const [part, ...rest] = problem.pointer.split('/').slice(1);
        if (holdsExpression(part === 'shared' ? shared.value : configuration.value, rest)) continue;
        const where = [...(part === 'shared' ? sharedPath : configPath), ...rest];
        problems.push({ severity: problem.severity ?? 'error', path: where, message: problem.message });
      }
      const parts = { configuration, shared };
      const template = EndpointTemplate.compile(plugin, parts, expressions, (part, where, message) =>
        report([...(part === 'shared' ? sharedPath : configPath), ...where], message),
      );
      const modes = plugin.modes?.(configuration.value, shared.value) ?? BOTH;
      const echoes = plugin.echoes?.(configuration.value, shared.value) ?? false;
      if (!servesTenant(endpoint, tenant)) return;
      const balancing = group.loadBalancer.type;
      const place = { definition: endpoint, group: group.name, balancing };
      checked.push({ ...place, plugin, template, modes, echoes });
    });
  });
  return checked;
}

/** Whether an endpoint goes without the configuration that its group has, and has none of its own. */
function leavesConfiguration(group: EndpointGroupDefinition, endpoint: EndpointDefinition): boolean {
  const isEmpty = (configuration: object) => Object.keys(configuration).length === 0;
  const { inheritConfiguration, sharedConfigurationOverride } = endpoint;
  return !inheritConfiguration && isEmpty(sharedConfigurationOverride) && !isEmpty(group.sharedConfiguration);
}

/** A gateway without a tenant uses every endpoint, and an endpoint without tenants is for every gateway. */
function servesTenant({ tenants }: EndpointDefinition, tenant: string | undefined): boolean {
  return tenant === undefined || tenants.length === 0 || tenants.includes(tenant);
}

/** What is wrong with a configuration, but for what an exchange will only make of its expressions. */
function fixedOnly({ value, problems }: CheckedConfiguration): readonly SchemaProblem[] {
  return problems.filter(({ path }) => !holdsExpression(value, path));
}

/** Whether the value at a path is a text with expressions, or a list with such a text. */
function holdsExpression(configuration: unknown, path: JsonPath): boolean {
  const found = path.reduce<unknown>(
    (value, step) => (value as Readonly<Record<string | number, unknown>> | undefined)?.[step],
    configuration,
  );
  return (
    expressionPaths(Array.isArray(found) ? found : [found].filter((one) => typeof one === 'string')).length >
    0
  );
}

/**
 * Checks every entrypoint against its plugin; those in order come back, the ones that are called most specific
 * first.
 */
export function checkEntrypoints(
  definition: ApiDefinition,
  registry: PluginRegistry,
  problems: DeployProblem[],
): { readonly called: readonly CheckedEntrypoint[]; readonly push: readonly CheckedPush[] } {
  const report = (path: JsonPath, message: string) => problems.push({ severity: 'error', path, message });
  const called: CheckedEntrypoint[] = [];
  const push: CheckedPush[] = [];
  definition.listeners.forEach((listener, listenerIndex) => {
    listener.entrypoints.forEach((entrypoint, index) => {
      const path: JsonPath = ['listeners', listenerIndex, 'entrypoints', index];
      const plugin = registry.find('entrypoint', entrypoint.type);
      if (typeof plugin === 'string') {
        report([...path, 'type'], plugin);
        return;
      }
      if (plugin.listener !== listener.type) {
        report([...path, 'type'], `"${plugin.id}" belongs to a listener of type "${plugin.listener}"`);
      }
      const configPath = [...path, 'configuration'];
      const {
        value: configuration,
        problems: found,
        expressions,
      } = plugin.written.check(entrypoint.configuration);
      problems.push(...configurationProblems(found, configPath));
      const evaluated = (plugin.listener === 'subscription' ? plugin.expressions : undefined) ?? [];
      problems.push(...expressionProblems(expressions, configPath, evaluated.map(pointerToPath)));
      const own = plugin.listener === 'http' ? plugin.modesOf?.(configuration) : undefined;
      const modes = own ?? plugin.modes;
      const checked = { definition: entrypoint, configuration, modes, path };
      const first = listener.entrypoints.findIndex(({ type }) => type === entrypoint.type);
      if (plugin.listener === 'http' && first < index) {
        const message = `never has a request: entrypoints[${first}] of this listener is a "${plugin.id}" too, and takes them all`;
        problems.push({ severity: 'warning', path, message });
      }
      if (plugin.listener === 'http') called.push({ ...checked, plugin });
      else if (push.some((other) => other.plugin.id === plugin.id)) {
        report(
          [...path, 'type'],
          `another entrypoint "${plugin.id}" is in this API: a subscription names one by it`,
        );
      } else push.push({ ...checked, plugin });
      if (plugin.listener === 'http' && entrypoint.dlq !== undefined) {
        const message = `has no effect: "${plugin.id}" tells its client of a failure`;
        problems.push({ severity: 'warning', path: [...path, 'dlq'], message });
      }
    });
  });
  return { called: called.sort((a, b) => b.plugin.criteria - a.plugin.criteria), push };
}
