import type { RequestedQos } from '../contract/qos.js';

/** A v4 message API definition in one spelling, defaults filled in. See docs/definition.md for the format. */
export interface ApiDefinition {
  readonly id: string;
  readonly name: string;
  readonly apiVersion: string;
  readonly type: 'message';
  readonly listeners: readonly ListenerDefinition[];
  readonly endpointGroups: readonly EndpointGroupDefinition[];
  /** Absent means key-less. */
  readonly plans?: readonly PlanDefinition[];
  readonly flows: readonly FlowDefinition[];
  readonly flowExecution: {
    readonly mode: 'default' | 'best-match';
    readonly matchRequired: boolean;
    /** Of a flow's condition that cannot be evaluated: the exchange fails, or the flow is left out. */
    readonly onConditionFailure: 'fail' | 'skip';
  };
  readonly properties: readonly { readonly key: string; readonly value?: string }[];
  /** What `api.metadata` gives, see `metadata.ts`. */
  readonly metadata?: readonly MetadataDefinition[] | Readonly<Record<string, unknown>>;
  /** Gateways it is for, by their tags; empty: those without tags. */
  readonly tags: readonly string[];
  readonly state: 'started' | 'stopped';
  /** By key of the error, then by media type. */
  readonly responseTemplates: Readonly<Record<string, Readonly<Record<string, ResponseTemplateDefinition>>>>;
}

/** One entry of the metadata of an API, as exports write it. */
export interface MetadataDefinition {
  readonly key: string;
  readonly value?: unknown;
  readonly defaultValue?: unknown;
}

/** An answer to errors in the definition's own words. */
export interface ResponseTemplateDefinition {
  readonly statusCode?: number;
  /** Another spelling of `statusCode`. */
  readonly status?: number;
  /** May hold expressions, as `body` may. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Where clients of one kind connect. */
export interface ListenerDefinition {
  readonly type: 'http' | 'subscription';
  /** Empty on a subscription listener. */
  readonly paths: readonly PathDefinition[];
  readonly cors: CorsDefinition;
  readonly entrypoints: readonly EntrypointDefinition[];
}

/** Which pages of other origins a browser lets use the listener (Fetch standard, "CORS protocol"). */
export interface CorsDefinition {
  readonly enabled: boolean;
  /** Origins, `*`, or regular expressions of origins. */
  readonly allowOrigin: readonly string[];
  /** Empty: the methods of the entrypoints. */
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly allowCredentials: boolean;
  /** Seconds that a browser may keep the answer to a preflight; negative: as long as it likes. */
  readonly maxAge: number;
  readonly runPolicies: boolean;
  readonly allowPrivateNetwork: boolean;
}

/** One path of an http listener. */
export interface PathDefinition {
  /** Absent means any host. */
  readonly host?: string;
  readonly path: string;
}

/** An entrypoint with its raw configuration, which its plugin's schema describes. */
export interface EntrypointDefinition {
  readonly type: string;
  readonly qos: RequestedQos;
  readonly dlq?: { readonly endpoint: string };
  readonly configuration: Record<string, unknown>;
}

/** Endpoints that can stand in for each other. */
export interface EndpointGroupDefinition {
  readonly name: string;
  readonly type: string;
  readonly loadBalancer: {
    readonly type: 'round-robin' | 'random' | 'weighted-round-robin' | 'weighted-random';
  };
  readonly sharedConfiguration: Record<string, unknown>;
  readonly endpoints: readonly EndpointDefinition[];
}

/** An endpoint with its raw configuration, which its plugin's schemas describe. */
export interface EndpointDefinition {
  readonly name: string;
  readonly type: string;
  /** Used only while no other endpoint of the group is there. */
  readonly secondary: boolean;
  /** Gateways it is for, by their tenant; empty: all. */
  readonly tenants: readonly string[];
  /** Its share, where the load balancing has weights. */
  readonly weight: number;
  readonly inheritConfiguration: boolean;
  readonly configuration: Record<string, unknown>;
  readonly sharedConfigurationOverride: Record<string, unknown>;
}

/** Who may use the API. */
export interface PlanDefinition {
  readonly id: string;
  readonly name: string;
  readonly mode: 'standard' | 'push';
  readonly status: 'staging' | 'published' | 'deprecated' | 'closed';
  /** Absent on push plans. */
  readonly security?: { readonly type: string; readonly configuration: Record<string, unknown> };
  /** An expression that must hold for the plan to take a request; absent means it always does. */
  readonly selectionRule?: string;
  /** What the plan allows. An extension of the format. */
  readonly operations: readonly ('publish' | 'subscribe')[];
  /** Gateways it is for, by their tags; empty: all. */
  readonly tags: readonly string[];
  readonly flows: readonly FlowDefinition[];
}

/** Policies for a part of the traffic. */
export interface FlowDefinition {
  readonly name: string;
  readonly enabled: boolean;
  /** Gateways it is for, by their tags; empty: all. */
  readonly tags: readonly string[];
  readonly selectors: readonly SelectorDefinition[];
  readonly request: readonly StepDefinition[];
  readonly response: readonly StepDefinition[];
  readonly publish: readonly StepDefinition[];
  readonly subscribe: readonly StepDefinition[];
}

/** What a flow is meant for. `http` selectors are accepted and select everything on a message API. */
export interface SelectorDefinition {
  readonly type: 'http' | 'channel' | 'condition' | 'mcp';
  readonly operations?: readonly ('subscribe' | 'publish')[];
  readonly channel?: string;
  readonly channelOperator?: 'equals' | 'starts-with';
  readonly entrypoints?: readonly string[];
  readonly condition?: string;
}

/** One policy of a flow, with its raw configuration, which its plugin's schema describes. */
export interface StepDefinition {
  readonly policy: string;
  readonly enabled: boolean;
  readonly configuration: Record<string, unknown>;
  readonly condition?: string;
  readonly messageCondition?: string;
}
