import type { ConfigSchema, FormatOptions } from './config-schema.js';
import type { EndpointConnector } from './endpoint.js';
import type { EntrypointConnector, Mode, RequestHead } from './entrypoint.js';
import type { Logger } from './logger.js';
import type { MetricSpec } from './metrics.js';
import type { Expressions, Phase, Policy } from './policy.js';
import type { Qos, QosCapability } from './qos.js';
import type { SecurityPlugin } from './security.js';
import type { SubscriptionConnector } from './subscription.js';
import type { Telemetry } from './telemetry.js';

/** What a plugin is handed beside its configuration. */
export interface PluginHost {
  readonly log: Logger;
  /** For what the APIs of this process share, such as a connection; `log` when absent. */
  readonly gatewayLog?: Logger;
  /** Of the whole gateway; absent where nobody asks for it. */
  readonly telemetry?: Telemetry;
  readonly apiId: string;
  /** Which of several processes on one port this is, from 1; absent when it is the only one. */
  readonly worker?: number;
  /** Of an endpoint: whether its configuration is what exchanges came to, so that clients may have a say in it. No when absent. */
  readonly isChosen?: boolean;
}

/** What every kind of entrypoint says of itself. */
interface EntrypointManifest {
  readonly kind: 'entrypoint';
  /** As `type` in a definition. */
  readonly id: string;
  readonly modes: readonly Mode[];
  /** The levels a definition may ask of it, beside `auto`. */
  readonly qos: readonly Qos[];
  /** True when its protocol can give a client's cursor back, so that `auto` may become `at-best`. */
  readonly carriesCursor: boolean;
  /** What the endpoint must be able to do for a level; nothing when absent. */
  requires?(qos: Qos): readonly QosCapability[];
  readonly schema: ConfigSchema;
  /**
   * Names of options that are the definition format's, or all of them: a name that is nearly one of these is ignored with a
   * warning, as the format does; one that is nearly another option is an error. None when absent.
   */
  readonly formatOptions?: FormatOptions;
}

/** An entrypoint: a protocol that clients speak. */
export interface EntrypointPlugin<Config = unknown> extends EntrypointManifest {
  readonly listener: 'http';
  /** Those of `modes` that a configuration uses; all when absent. */
  modesOf?(config: Config): readonly Mode[];
  /** Whether it takes requests for another protocol and answers them with an `UpgradedResponse`. */
  readonly upgrades?: boolean;
  /** How specific `matches` is: of entrypoints that are wanted alike the highest is asked. */
  readonly criteria: number;
  matches(request: RequestHead): boolean;
  /**
   * How much the client wants what this entrypoint would answer, by the weights of its Accept header: 0 to 1. Of those that
   * match, the most wanted is asked, of equals the more specific. Always 1 when absent.
   */
  preference?(request: RequestHead): number;
  /** The HTTP methods it may take, for the Allow header; none when absent. */
  readonly methods?: readonly string[];
  create(config: Config, host: PluginHost): EntrypointConnector;
}

/** What `check` of an endpoint says. */
export interface CheckProblem extends ConfigFault {
  /** `warning`: it is told, and the API is deployed all the same. An error when absent. */
  readonly severity?: 'warning';
}

/** The two parts of an endpoint's configuration. */
export interface EndpointParts<Config, Shared> {
  readonly configuration: Config;
  readonly shared: Shared;
}

/** A place in a configuration and what is wrong there; the pointer is a JSON pointer (RFC 6901). */
export interface ConfigFault {
  readonly pointer: string;
  readonly message: string;
}

/** What a push entrypoint is handed beside its configuration. */
export interface SubscriptionPluginHost extends PluginHost {
  readonly expressions: Expressions;
  /** Hosts, addresses and CIDRs that the operator opens to callbacks beside the public internet. */
  readonly allowTargets: readonly string[];
}

/**
 * An entrypoint of a `subscription` listener: it goes to its clients, who are subscriptions kept by the gateway, in
 * place of being called. Each subscription has a configuration of its own beside the definition's.
 */
export interface SubscriptionEntrypointPlugin<Config = unknown, Subscriber = unknown>
  extends EntrypointManifest {
  readonly listener: 'subscription';
  /** Members of `configuration` that may hold expressions, as JSON pointers: elsewhere they are refused. */
  readonly expressions?: readonly string[];
  /** Of a subscription's `entrypointConfiguration`. */
  readonly subscriptionSchema: ConfigSchema;
  /** Says of a subscription what the schema cannot: every problem, with its pointer. */
  checkSubscription?(subscriber: Subscriber): readonly ConfigFault[];
  /** The JSON pointers of what must never be shown in a subscription: the gateway masks them in every answer. */
  secretsOf?(subscriber: Subscriber): readonly string[];
  /** @throws Error when the configuration cannot work: the API is then not deployed */
  create(config: Config, host: SubscriptionPluginHost): SubscriptionConnector<Subscriber>;
}

/** An attribute that a step of the API sets, and the text that it is set from, expressions as they are written. */
export interface AssignedAttribute {
  readonly name: string;
  readonly value: string;
}

/** An endpoint: where messages are kept. */
export interface EndpointPlugin<Config = unknown, Shared = unknown> {
  readonly kind: 'endpoint';
  /** As `type` of an endpoint in a definition. */
  readonly id: string;
  readonly qos: readonly Qos[];
  readonly capabilities: readonly QosCapability[];
  /** Of `configuration`. */
  readonly schema: ConfigSchema;
  /** Of `sharedConfiguration` and `sharedConfigurationOverride`; an endpoint without one takes none. */
  readonly sharedSchema?: ConfigSchema;
  /** As of an entrypoint. */
  readonly formatOptions?: FormatOptions;
  /** The attributes of exchanges that it reads, which policies may set: expressions may name them. */
  readonly attributes?: readonly string[];
  /** What it tells beside the metrics of every endpoint, for the documentation. */
  readonly metrics?: readonly MetricSpec[];
  /** The modes this configuration has switched on; both when absent. */
  modes?(config: Config, shared: Shared): readonly Mode[];
  /**
   * Whether what is published under this configuration comes back to who subscribes under it: dead letters must not. Counts
   * as no when absent, and is for what is written only: expressions stand in it as they are.
   */
  echoes?(config: Config, shared: Shared): boolean;
  /**
   * Says what the schema cannot: every problem, with a pointer that begins with `/configuration` or `/shared`.
   * @param assigned what steps of the API set; absent for a configuration that came out of an exchange
   */
  check?(config: Config, shared: Shared, assigned?: readonly AssignedAttribute[]): readonly CheckProblem[];
  /**
   * Judges a configuration that came out of an exchange (expressions, attributes) beside the one its author wrote.
   * It is valid by the schemas and `check`.
   * @throws SluiceError when a client must not choose this
   */
  permit?(resolved: EndpointParts<Config, Shared>, written: EndpointParts<Config, Shared>): void;
  create(config: Config, shared: Shared, host: PluginHost): EndpointConnector;
}

/** A policy: a step of flows. */
export interface PolicyPlugin<Config = unknown> {
  readonly kind: 'policy';
  /** As `policy` of a step in a definition. */
  readonly id: string;
  /** Other names it is found under. */
  readonly aliases?: readonly string[];
  /** The attributes of exchanges that it sets by itself: expressions may name them. */
  readonly attributes?: readonly string[];
  /** Where its steps may stand: elsewhere they are refused when deployed. */
  readonly phases: readonly Phase[];
  readonly schema: ConfigSchema;
  /** As of an entrypoint. */
  readonly formatOptions?: FormatOptions;
  /** @throws Error when the configuration cannot work, such as a wrong expression: the API is then not deployed */
  create(config: Config, host: PluginHost & { readonly expressions: Expressions }): Policy;
}

/** A thing that runs beside the gateway when the command line asks for it, such as an embedded broker. */
export interface ServicePlugin {
  readonly kind: 'service';
  readonly id: string;
  /** Starts it. `environment` is offered to the placeholders of definition files, under variables already set. */
  start(host: Pick<PluginHost, 'log'>): Promise<RunningService>;
}

/** A started {@link ServicePlugin}. */
export interface RunningService {
  readonly environment: Readonly<Record<string, string>>;
  /** Members of the gateway's `ready` log line. */
  readonly announce: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** What the module named by a package's `"sluice"` entry exports by default, alone or in an array. */
export type Plugin =
  | EntrypointPlugin
  | SubscriptionEntrypointPlugin
  | EndpointPlugin
  | PolicyPlugin
  | SecurityPlugin
  | ServicePlugin;

/** Types a manifest's own configuration, and forgets it again for the registry, which validates before `create`. */
export function defineEntrypoint<Config>(plugin: EntrypointPlugin<Config>): EntrypointPlugin {
  return plugin as EntrypointPlugin;
}

/** As {@link defineEntrypoint}, for a push entrypoint. */
export function defineSubscriptionEntrypoint<Config, Subscriber>(
  plugin: SubscriptionEntrypointPlugin<Config, Subscriber>,
): SubscriptionEntrypointPlugin {
  return plugin as SubscriptionEntrypointPlugin;
}

/** As {@link defineEntrypoint}, for an endpoint. */
export function defineEndpoint<Config, Shared>(plugin: EndpointPlugin<Config, Shared>): EndpointPlugin {
  return plugin as EndpointPlugin;
}

/** As {@link defineEntrypoint}, for a policy. */
export function definePolicy<Config>(plugin: PolicyPlugin<Config>): PolicyPlugin {
  return plugin as PolicyPlugin;
}
