import type { IncomingMessage } from 'node:http';
import type { ExecutionContext, RequestInfo, ResponseInfo, SubscriptionInfo } from '../contract/context.js';
import type { Logger } from '../contract/logger.js';
import { clientOf } from '../contract/share/client.js';
import type { TraceContext } from '../contract/tracing.js';
import type { RunningApi } from '../runtime/deploy.js';
import { clientIdentifier } from './client-identifier.js';

/** What a request came by: it is closed when its client is gone. */
export interface ClosingConnection {
  readonly destroyed: boolean;
  once(event: 'close', listener: () => void): unknown;
}

/** What a request came by, and what its answer goes to. */
export interface Socket {
  readonly incoming: IncomingMessage;
  readonly outgoing: ClosingConnection;
  /** Lets the client send its body; absent where it does not wait for that. */
  readonly goAhead?: () => void;
}

/** Why signals of a connection are aborted: without a reason of its own each would make a DOMException with its stack. */
export const CONNECTION_CLOSED = new Error('the connection is closed');

const NO_METADATA = Object.freeze({});

/** The context of one HTTP exchange; what is not asked for is not computed. */
export class ExchangeContext implements ExecutionContext {
  readonly attributes = new Map<string, unknown>();
  /** Of a key-less client until a plan has taken the request. */
  subscription: SubscriptionInfo;
  #clientIdentifier: string | undefined;
  #log: Logger | undefined;
  #response: ResponseInfo | undefined;
  #signal: AbortSignal | undefined;

  constructor(
    readonly api: RunningApi,
    readonly request: RequestInfo,
    private readonly connection: ClosingConnection,
    readonly trace?: TraceContext | undefined,
  ) {
    this.subscription = { id: request.remoteAddress, type: 'standard', metadata: NO_METADATA };
  }

  get response(): ResponseInfo {
    this.#response ??= { status: 200, headers: new Map() };
    return this.#response;
  }

  /** Whether anybody has set a header of the answer. */
  get setsHeaders(): boolean {
    return this.#response !== undefined && this.#response.headers.size > 0;
  }

  get clientIdentifier(): string {
    this.#clientIdentifier ??= clientIdentifier(this.request, this.api.id, this.subscription);
    return this.#clientIdentifier;
  }

  /** Not kept: an exchange asks once, and a plan may take it meanwhile. */
  get client(): string {
    return clientOf(this.api.id, this.request, this.subscription);
  }

  /** Made when it is asked for: a signal and its end cost a published message a tenth of its time. */
  get signal(): AbortSignal {
    this.#signal ??= this.#watch();
    return this.#signal;
  }

  #watch(): AbortSignal {
    const gone = new AbortController();
    if (this.connection.destroyed) gone.abort(CONNECTION_CLOSED);
    else this.connection.once('close', () => gone.abort(CONNECTION_CLOSED));
    return gone.signal;
  }

  get log(): Logger {
    this.#log ??= this.api.log.child({ requestId: this.request.id });
    return this.#log;
  }
}
