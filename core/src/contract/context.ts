import type { Logger } from './logger.js';

/** What a client asked, as far as policies, expressions and entrypoints may see it. */
export interface RequestInfo {
  /** Unique, in every log line and error of this request. A valid `X-Request-Id` of the client is kept. */
  readonly id: string;
  readonly method: string;
  /** Path and query as sent. */
  readonly uri: string;
  readonly path: string;
  /** The listener's path that matched, ending with a slash; `pathInfo` is the rest, starting with one. */
  readonly contextPath: string;
  readonly pathInfo: string;
  readonly query: URLSearchParams;
  /** Names in lower case; a header sent several times has several values. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly remoteAddress: string;
  readonly timestampMs: number;
}

/** Everything one exchange with a client carries through the pipeline. */
export interface ExecutionContext {
  readonly api: { readonly id: string; readonly name: string; readonly version: string };
  readonly request: RequestInfo;
  /** Who reads: names the consumer group on Kafka. See docs/architecture.md, "Client identifier". */
  readonly clientIdentifier: string;
  /** Set by policies, read by endpoints; keys as in the definition format (`gravitee.attribute.…`). */
  readonly attributes: Map<string, unknown>;
  readonly log: Logger;
  /** Aborted when the client is gone or the gateway stops: whatever waits for this exchange gives up. */
  readonly signal: AbortSignal;
}
