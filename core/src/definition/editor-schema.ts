import type { EndpointPlugin, EntrypointPlugin } from '../contract/plugin.js';
import { allowPlaceholders } from './placeholder-schema.js';
import { DEFINITION_SCHEMA } from './schema.js';

type Json = Record<string, unknown>;

/**
 * One JSON Schema (draft-07) of definition files, with the configuration schemas of the plugins merged in. It
 * knows the spelling of the gateway; other spellings deploy too, but an editor will underline them.
 */
export function editorSchema(
  entrypoints: readonly EntrypointPlugin[],
  endpoints: readonly EndpointPlugin[],
): object {
  const schema = allowPlaceholders(DEFINITION_SCHEMA) as Json;
  const entrypoint = at(schema, 'listeners', 'items', 'entrypoints', 'items');
  const group = at(schema, 'endpointGroups', 'items');
  const endpoint = at(group, 'endpoints', 'items');
  describeTypes(entrypoint, entrypoints, (plugin) => ({ configuration: plugin.schema }));
  describeTypes(endpoint, endpoints, (plugin) => ({
    configuration: plugin.schema,
    ...(plugin.sharedSchema === undefined ? {} : { sharedConfigurationOverride: plugin.sharedSchema }),
  }));
  describeTypes(group, endpoints, (plugin) =>
    plugin.sharedSchema === undefined ? {} : { sharedConfiguration: plugin.sharedSchema },
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Sluice API definition',
    ...schema,
  };
}

/** Adds to a schema with a `type` member: which types there are, and what further members look like for each. */
function describeTypes<P extends { readonly id: string }>(
  schema: Json,
  plugins: readonly P[],
  members: (plugin: P) => Json,
): void {
  const properties = schema.properties as Json;
  properties.type = { enum: plugins.map(({ id }) => id) };
  schema.allOf = plugins.map((plugin) => ({
    if: { properties: { type: { const: plugin.id } } },
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
