import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ExecutionContext, RequestInfo } from './context.js';
import type { SubscribeRequest, Subscription } from './delivery.js';
import type { EndSignal } from './end-signal.js';
import type { PublishResult } from './endpoint.js';
import type { Message } from './message.js';
import type { Qos } from './qos.js';

/** What an entrypoint does with an endpoint. */
export type Mode = 'publish' | 'subscribe';

/** Where a streamed answer is written. Bytes are written in the order of the calls. */
export interface ByteSink {
  /**
   * Takes the chunk at once. Returns false when the client reads slower than we write: await `drained()` before
   * writing more, or memory grows with every chunk.
   * @param taken called once the operating system has taken the bytes; never when the connection dies before
   */
  write(chunk: Buffer | string, taken?: () => void): boolean;
  /** Resolves when there is room again, or `closed` is aborted. */
  drained(): Promise<void>;
  /**
   * For how long bytes have waited without any being taken, in milliseconds, as far as it was looked at: it is counted from the
   * first look that sees them wait. 0 when none wait.
   */
  readonly stalledMs: number;
  /** Aborted once the client is gone, or before the first write when it never saw the answer. */
  readonly closed: EndSignal;
}

/** A name with several values is sent once for each. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[]>>;

/** An answer with its whole body at hand. */
export interface CompleteResponse {
  readonly status: number;
  readonly headers?: ResponseHeaders;
  readonly body?: Buffer | string;
}

/**
 * An answer that is written as it comes. `stream` is called exactly once, also when the client has gone before,
 * so it is the place to release what was opened. It owns the sink until it resolves; a throw cuts the connection.
 */
export interface StreamedResponse {
  readonly status: number;
  readonly headers?: ResponseHeaders;
  stream(sink: ByteSink): Promise<void>;
}

/** A connection that is no longer one of HTTP once its handshake is written. */
export interface UpgradedConnection {
  readonly request: IncomingMessage;
  /** Owned by the entrypoint from now on. */
  readonly socket: Duplex;
  /** What the client has sent already, behind its request. */
  readonly head: Buffer;
  /** To be sent with the handshake. */
  readonly headers: ResponseHeaders;
  /** Writes to the socket, with what a {@link ByteSink} promises. */
  readonly sink: ByteSink;
}

/**
 * An answer to a request for another protocol (RFC 9110 §7.8), from an entrypoint whose manifest has `upgrades`.
 * Either `upgrade` or `abandon` is called, once: both must release what was opened.
 */
export interface UpgradedResponse {
  readonly status: 101;
  readonly headers?: ResponseHeaders;
  /** Writes the handshake and serves the connection; resolves when it has ended. A throw cuts it. */
  upgrade(connection: UpgradedConnection): Promise<void>;
  abandon(): Promise<void>;
}

/** What an entrypoint gives back to the server. */
export type EntrypointResponse = CompleteResponse | StreamedResponse | UpgradedResponse;

/** What an entrypoint may ask of the gateway for one exchange: its body, and the API's pipeline. */
export interface EntrypointHost {
  /** The level agreed for this entrypoint when the API was deployed. */
  readonly qos: Qos;
  /** What this exchange may do: the entrypoint's modes that the client's plan allows; never empty. */
  readonly modes: readonly Mode[];
  /**
   * The whole request body, without the codings of its `Content-Encoding`, which the request then has no more.
   * @throws SluiceError `PAYLOAD_TOO_LARGE` over the gateway's `maxBodyBytes`, `REQUEST_BODY_TIMEOUT` when it
   * takes too long, `UNSUPPORTED_CONTENT_ENCODING`, `BAD_REQUEST` when it breaks off or is not what its coding says
   */
  body(): Promise<Buffer>;
  /** @throws SluiceError `OPERATION_FORBIDDEN`, `CREDENTIAL_EXPIRED`, and what policies and the endpoint throw */
  publish(messages: readonly Message[]): Promise<readonly PublishResult[]>;
  /** @throws SluiceError as `publish`; a running subscription fails with `CREDENTIAL_EXPIRED` at that time */
  subscribe(request: Omit<SubscribeRequest, 'qos'>): Promise<Subscription>;
  /** On the clock of `performance.now()`: who has not been given the answer by then is answered 504. */
  readonly answerBy: number;
  /** Aborted when the gateway begins to stop: tell the client to go, then end. */
  readonly stopping: EndSignal;
}

/** A running entrypoint of one deployed API. */
export interface EntrypointConnector {
  /**
   * Serves one exchange.
   * @throws SluiceError anything: the server answers by the error table
   */
  handle(ctx: ExecutionContext, host: EntrypointHost): Promise<EntrypointResponse>;
}

/** The part of a request that decides which entrypoint takes it. */
export type RequestHead = Pick<RequestInfo, 'method' | 'headers'>;
