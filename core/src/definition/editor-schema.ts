import type {
  EndpointPlugin,
  EntrypointPlugin,
  PolicyPlugin,
  SubscriptionEntrypointPlugin,
} from '../contract/plugin.js';
import type { SecurityPlugin } from '../contract/security.js';
import { allowPlaceholders } from './placeholder-schema.js';
import { DEFINITION_SCHEMA } from './schema.js';

type Json = Record<string, unknown>;

/**
 * One JSON Schema (draft-07) of definition files, with the configuration schemas of the plugins merged in. It
 * knows the spelling of the gateway; other spellings deploy too, but an editor will underline them.
 */
export function editorSchema(
  entrypoints: readonly (EntrypointPlugin | SubscriptionEntrypointPlugin)[],
  endpoints: readonly EndpointPlugin[],
  policies: readonly PolicyPlugin[],
  securities: readonly SecurityPlugin[],
): object {
  const schema = allowPlaceholders(DEFINITION_SCHEMA) as Json;
  const entrypoint = at(schema, 'listeners', 'items', 'entrypoints', 'items');
  const group = at(schema, 'endpointGroups', 'items');
  const endpoint = at(group, 'endpoints', 'items');
  describe(entrypoint, 'type', entrypoints, (plugin) => ({ configuration: plugin.schema }));
  describe(endpoint, 'type', endpoints, (plugin) => ({
    configuration: plugin.schema,
    ...(plugin.sharedSchema === undefined ? {} : { sharedConfigurationOverride: plugin.sharedSchema }),
  }));
  describe(group, 'type', endpoints, (plugin) =>
    plugin.sharedSchema === undefined ? {} : { sharedConfiguration: plugin.sharedSchema },
  );
  const keyLess = { id: 'key-less', schema: { type: 'object' } };
  const security = at(schema, 'plans', 'items', 'security');
  describe(security, 'type', [keyLess, ...securities], (plugin) => ({ configuration: plugin.schema }));
  const flow = at(schema, 'flows', 'items');
  const step = at(flow, 'request', 'items');
  const names = policies.flatMap(({ id, aliases = [], schema: configuration }) =>
    [id, ...aliases].map((name) => ({ id: name, schema: configuration })),
  );
  describe(step, 'policy', names, (plugin) => ({ configuration: plugin.schema }));
  for (const flows of [flow, at(schema, 'plans', 'items', 'flows', 'items')]) {
    for (const phase of PHASES) at(flows, phase).items = { $ref: '#/definitions/step' };
  }
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Sluice API definition',
    ...schema,
    definitions: { step },
  };
}

const PHASES = ['request', 'response', 'publish', 'subscribe'];

/** Adds to a schema: which plugins its member `key` may name, and what further members look like for each. */
function describe<P extends { readonly id: string }>(
  schema: Json,
  key: string,
  plugins: readonly P[],
  members: (plugin: P) => Json,
): void {
  const properties = schema.properties as Json;
  properties[key] = { enum: plugins.map(({ id }) => id) };
  schema.allOf = plugins.map((plugin) => ({
    if: { properties: { [key]: { const: plugin.id } } },
    // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema.
    then: { properties: allowPlaceholders(members(plugin)) },
  }));
}

/** Walks down `properties` by name, and `items` where it says so. */
function at(schema: Json, ...steps: readonly string[]): Json {
  let found = schema;
  for (const step of steps) {
    found = (step === 'items' ? found.items : (found.properties as Json)[step]) as Json;
  }
  return found;
}
