import type {
  EndpointPlugin,
  EntrypointPlugin,
  Plugin,
  PolicyPlugin,
  ServicePlugin,
  SubscriptionEntrypointPlugin,
} from '../contract/plugin.js';
import type { SecurityPlugin } from '../contract/security.js';
import { compileSchema, suggestion, type Validate } from '../definition/validator.js';

/** A plugin with its schemas compiled, so that a fault in one shows when the gateway starts. */
export type Registered<P extends Plugin> = P & {
  readonly validate: Validate;
  /** Of an endpoint's shared configuration. */
  readonly validateShared: Validate;
  /** Of a plan security's data files. */
  readonly validateFiles: Validate;
  /** Of the subscriptions of a push entrypoint. */
  readonly validateSubscription: Validate;
};

interface Kinds {
  entrypoint: EntrypointPlugin | SubscriptionEntrypointPlugin;
  endpoint: EndpointPlugin;
  policy: PolicyPlugin;
  security: SecurityPlugin;
  service: ServicePlugin;
}

const NOTHING = { type: 'object', additionalProperties: false };

/** The plugins of this process, by kind and id. Ids are matched ignoring case. */
export class PluginRegistry {
  readonly #plugins: { readonly [K in keyof Kinds]: Map<string, Registered<Kinds[K]>> } = {
    entrypoint: new Map(),
    endpoint: new Map(),
    policy: new Map(),
    security: new Map(),
    service: new Map(),
  };

  /** @throws Error when the id is taken, or a schema of the plugin is itself wrong */
  register(plugin: Plugin): void {
    const plugins = this.#plugins[plugin.kind] as Map<string, Registered<Plugin>>;
    const validate = compileSchema('schema' in plugin ? plugin.schema : NOTHING);
    const shared = ('sharedSchema' in plugin ? plugin.sharedSchema : undefined) ?? NOTHING;
    const files = ('files' in plugin ? plugin.files?.schema : undefined) ?? NOTHING;
    const subscription = 'subscriptionSchema' in plugin ? plugin.subscriptionSchema : NOTHING;
    const registered = {
      ...plugin,
      validate,
      validateShared: compileSchema(shared),
      validateFiles: compileSchema(files),
      validateSubscription: compileSchema(subscription),
    };
    const aliases = ('aliases' in plugin ? plugin.aliases : undefined) ?? [];
    for (const id of [plugin.id, ...aliases]) {
      if (plugins.has(id.toLowerCase())) throw new Error(`the ${plugin.kind} plugin "${id}" is there twice`);
      plugins.set(id.toLowerCase(), registered);
    }
  }

  /** The plugin, or in words why there is none. */
  find<K extends keyof Kinds>(kind: K, id: string): Registered<Kinds[K]> | string {
    const found = this.#plugins[kind].get(id.toLowerCase());
    const known = this.all(kind).map((plugin) => plugin.id);
    return found ?? `no ${kind} plugin "${id}" is installed${suggestion(id, known)}`;
  }

  /** All plugins of a kind, each once, in the order they were registered. */
  all<K extends keyof Kinds>(kind: K): readonly Registered<Kinds[K]>[] {
    return [...new Set(this.#plugins[kind].values())];
  }
}
