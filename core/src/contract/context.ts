import type { Logger } from './logger.js';
import type { TraceContext } from './tracing.js';

/** What a client asked, as far as policies, expressions and entrypoints may see it. */
export interface RequestInfo {
  /** Unique, in every log line and error of this request. A valid `X-Request-Id` of the client is kept. */
  readonly id: string;
  readonly method: string;
  /** Path and query as sent, but for a credential that the plan conceals. */
  uri: string;
  readonly path: string;
  /** The listener's path that matched, ending with a slash; `pathInfo` is the rest, starting with one. */
  readonly contextPath: string;
  readonly pathInfo: string;
  readonly query: URLSearchParams;
  /** Names in lower case; a header sent several times has several values. Policies may change them. */
  readonly headers: Map<string, readonly string[]>;
  /**
   * How the names of headers are spelled, by the names in lower case: as the client did, or the policy that set one. A name
   * that is not there is in lower case. Kafka tells spellings apart.
   */
  readonly headerNames: Map<string, string>;
  /** What the `:name` segments of the flows' channels stood for in this request. */
  readonly pathParams: Map<string, string>;
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly remoteAddress: string;
  readonly timestampMs: number;
}

/** What the client will be answered; policies of the response phase change it before its first byte is written. */
export interface ResponseInfo {
  status: number;
  /** Names in lower case. */
  readonly headers: Map<string, readonly string[]>;
}

/** By which right a client uses the API: the plan that took it, and what the plan knows of the client. */
export interface SubscriptionInfo {
  /** Key-less: the client's address. */
  readonly id: string;
  readonly type: 'standard' | 'push';
  /** Absent when the API has no plans. */
  readonly planId?: string;
  readonly applicationId?: string;
  readonly applicationName?: string;
  /** What the client's credential calls it, such as the `azp` or `client_id` of a token. */
  readonly clientId?: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Everything one exchange with a client carries through the pipeline. */
export interface ExecutionContext {
  readonly api: {
    readonly id: string;
    readonly name: string;
    readonly version: string;
    /** The headers that its plans read credentials from, in lower case; none when absent. See `isCredentialHeader`. */
    readonly credentialHeaders?: ReadonlySet<string>;
  };
  readonly request: RequestInfo;
  readonly response: ResponseInfo;
  /** Settled before the first flow runs. */
  readonly subscription: SubscriptionInfo;
  /** Who reads: names the consumer group on Kafka. See docs/architecture.md, "Client identifier". */
  readonly clientIdentifier: string;
  /** Whose share it takes from of bounds that clients fill. See docs/architecture.md, "Share of a client". */
  readonly client: string;
  /** Set by policies, read by endpoints; keys as in the definition format (`gravitee.attribute.…`). */
  readonly attributes: Map<string, unknown>;
  readonly log: Logger;
  /** The trace this exchange belongs to; absent while tracing is off. */
  readonly trace?: TraceContext | undefined;
  /** Aborted when the client is gone: whatever waits for this exchange gives up. */
  readonly signal: AbortSignal;
}
