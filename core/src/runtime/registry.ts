import type { FormatOptions } from '../contract/config-schema.js';
import type {
  EndpointPlugin,
  EntrypointPlugin,
  Plugin,
  PolicyPlugin,
  ServicePlugin,
  SubscriptionEntrypointPlugin,
} from '../contract/plugin.js';
import type { SecurityPlugin } from '../contract/security.js';
import { compileLate, compileSchema, suggestion, type Validate } from '../definition/validator.js';
import { ConfigurationCheck } from './configuration-check.js';
import { assertLoaded, nameOf, type PluginName, type PluginPackage, reasonOf } from './plugin-package.js';

/** A plugin with its schemas compiled, so that a fault in one shows before a definition is deployed with it. */
export type Registered<P extends Plugin> = P & {
  readonly validate: Validate;
  /** Checks what a definition has as its configuration. */
  readonly written: ConfigurationCheck;
  /** Of an endpoint's shared configuration. */
  readonly validateShared: Validate;
  readonly writtenShared: ConfigurationCheck;
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

/** The schema of what a plugin does not have. */
export const NOTHING = { type: 'object', additionalProperties: false };
const validateNothing = compileLate(NOTHING);

type PerKind<T extends { readonly [K in keyof Kinds]: unknown }> = {
  readonly [K in keyof Kinds]: Map<string, T[K]>;
};

const perKind = () => ({
  entrypoint: new Map(),
  endpoint: new Map(),
  policy: new Map(),
  security: new Map(),
  service: new Map(),
});

/** The plugins of this process, by kind and id. Ids are matched ignoring case. */
export class PluginRegistry {
  readonly #plugins: PerKind<{ [K in keyof Kinds]: Registered<Kinds[K]> }> = perKind();
  /** Of all that are there, loaded or not. */
  readonly #names: PerKind<Record<keyof Kinds, PluginName>> = perKind();
  readonly #packages = new Map<PluginName, PluginPackage>();
  readonly #loads = new Map<PluginPackage, Promise<void>>();

  /** @throws Error when the id is taken, or a schema of the plugin is itself wrong */
  register(plugin: Plugin): void {
    this.#claim(nameOf(plugin));
    this.#add(plugin);
  }

  /** Makes the plugins of a package known; `load` imports it. @throws Error when an id is taken */
  offer(offered: PluginPackage): void {
    for (const name of offered.names) {
      this.#claim(name);
      this.#packages.set(name, offered);
    }
  }

  /**
   * Imports the packages that have these plugins, all at once, each once. What is not known is left for `find` to tell.
   * @throws Error naming each folder whose plugin cannot be loaded, and why; or when a schema of one is itself wrong
   */
  async load(wanted: Iterable<Pick<PluginName, 'kind' | 'id'>>): Promise<void> {
    const packages = new Set<PluginPackage>();
    for (const { kind, id } of wanted) {
      const name = this.#names[kind].get(id.toLowerCase());
      const found = name === undefined ? undefined : this.#packages.get(name);
      if (found !== undefined) packages.add(found);
    }
    const failures: { folder: string; reason: string }[] = [];
    const load = async (one: PluginPackage) => {
      for (const plugin of await one.load()) this.#add(plugin);
    };
    await Promise.all(
      [...packages].map((one) => {
        const loading = this.#loads.get(one) ?? load(one);
        this.#loads.set(one, loading);
        return loading.catch((error: unknown) =>
          failures.push({ folder: one.folder, reason: reasonOf(error) }),
        );
      }),
    );
    assertLoaded(failures);
  }

  /**
   * The plugin, or in words why there is none.
   * @throws Error when it is of a package that was offered and not loaded
   */
  find<K extends keyof Kinds>(kind: K, id: string): Registered<Kinds[K]> | string {
    const found = this.#plugins[kind].get(id.toLowerCase());
    if (found !== undefined) return found;
    if (this.#names[kind].has(id.toLowerCase())) throw new Error(`the ${kind} plugin "${id}" is not loaded`);
    const known = this.names(kind).map((name) => name.id);
    return `no ${kind} plugin "${id}" is installed${suggestion(id, known)}`;
  }

  /** The names of all plugins of a kind, loaded or not, each once, in the order they became known. */
  names(kind: keyof Kinds): readonly PluginName[] {
    return [...new Set(this.#names[kind].values())];
  }

  /** All loaded plugins of a kind, each once, in the order they were registered. */
  all<K extends keyof Kinds>(kind: K): readonly Registered<Kinds[K]>[] {
    return [...new Set(this.#plugins[kind].values())];
  }

  /** @throws Error when it is there */
  #claim(name: PluginName): void {
    const names = this.#names[name.kind];
    for (const id of spellings(name)) {
      if (names.has(id.toLowerCase())) throw new Error(`the ${name.kind} plugin "${id}" is there twice`);
      names.set(id.toLowerCase(), name);
    }
  }

  #add(plugin: Plugin): void {
    const format = 'formatOptions' in plugin ? plugin.formatOptions : undefined;
    const validator = (schema: object | undefined) =>
      schema === undefined ? validateNothing : knowingTheFormat(compileSchema(schema), format);
    const validate = validator('schema' in plugin ? plugin.schema : undefined);
    const validateShared = validator('sharedSchema' in plugin ? plugin.sharedSchema : undefined);
    const registered = {
      ...plugin,
      validate,
      written: new ConfigurationCheck(validate, 'schema' in plugin ? plugin.schema : {}),
      validateShared,
      writtenShared: new ConfigurationCheck(
        validateShared,
        'sharedSchema' in plugin ? plugin.sharedSchema : {},
      ),
      validateFiles: validator('files' in plugin ? plugin.files?.schema : undefined),
      validateSubscription: validator('subscriptionSchema' in plugin ? plugin.subscriptionSchema : undefined),
    };
    const plugins = this.#plugins[plugin.kind] as Map<string, Registered<Plugin>>;
    for (const id of spellings(plugin)) plugins.set(id.toLowerCase(), registered);
  }
}

/** Every id that a plugin is found under. */
function spellings(plugin: Plugin | PluginName): readonly string[] {
  return [plugin.id, ...(('aliases' in plugin ? plugin.aliases : undefined) ?? [])];
}

/** A check whose slips in names are of the format or of ours, as the plugin says. */
function knowingTheFormat(validate: Validate, format: FormatOptions = []): Validate {
  const isOurs = (name: string) => format !== 'all' && !format.includes(name);
  return (value) =>
    validate(value).map((problem) => {
      const { meant } = problem;
      return meant === undefined
        ? problem
        : { ...problem, meant: { ...meant, extension: isOurs(meant.name) } };
    });
}
