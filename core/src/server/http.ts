import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { EntrypointResponse, StreamedResponse } from '../contract/entrypoint.js';
import { SluiceError } from '../contract/errors.js';
import type { Logger } from '../contract/logger.js';
import type { CorsPolicy } from '../runtime/cors-policy.js';
import type { Gateway } from '../runtime/gateway.js';
import type { HttpTelemetry } from '../telemetry/http-metrics.js';
import { answerBrokenRequest } from './broken-request.js';
import { answerComplete } from './complete-answer.js';
import { isPreflight, preflightAnswer, withCors } from './cors.js';
import { errorResponse } from './error-response.js';
import { type ExchangeLimits, serveExchange } from './exchange.js';
import { listen } from './listen.js';
import { allowedMethods, optionsAnswer } from './options.js';
import { release } from './release.js';
import { NodeRequestInfo } from './request-info.js';
import { assertTarget } from './request-target.js';
import { nodeHeaders } from './response-headers.js';
import { ResponseSink } from './response-sink.js';
import { Stop } from './stop.js';
import { Underway } from './underway.js';
import { answerUnread, hasUnreadBody } from './unread-body.js';
import {
  isForUpgrade,
  refuseUpgrade,
  serveUpgraded,
  serveWithoutUpgrade,
  type UpgradeRequest,
} from './upgrade.js';

/** The bounds of the gateway's port. */
export interface HttpLimits extends ExchangeLimits {
  readonly maxHeaderBytes: number;
  readonly headersTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** Connections above it are closed at once. */
  readonly maxConnections: number;
}

/** The port that clients speak to. */
export class HttpServer {
  readonly #stop = new Stop();
  readonly #streams = new Underway();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(
    private readonly gateway: Gateway,
    private readonly limits: HttpLimits,
    private readonly log: Logger,
    private readonly telemetry: HttpTelemetry,
  ) {
    const stop = this.#stop;
    // A stream's head has promised to keep the connection: left open it would hold up the stop.
    function finished(this: ServerResponse): void {
      if (stop.begun) this.req.socket.destroySoon();
    }
    this.#server = createServer(
      {
        maxHeaderSize: limits.maxHeaderBytes,
        headersTimeout: limits.headersTimeoutMs,
        requestTimeout: 0,
        requireHostHeader: false,
        keepAliveTimeout: limits.keepAliveTimeoutMs,
        connectionsCheckingInterval: Math.min(1000, limits.headersTimeoutMs),
      },
      (incoming, outgoing) => {
        outgoing.on('finish', finished);
        this.#serve(incoming, outgoing);
      },
    );
    this.#server.on('upgrade', (incoming, socket, head) => {
      // Node no longer listens to this socket: an error on it would end the process.
      socket.on('error', () => socket.destroy());
      void this.#upgrade({ incoming, socket: socket as Socket, head });
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.maxConnections = limits.maxConnections;
    this.#server.on('clientError', (error, socket) => answerBrokenRequest(error, socket as Socket));
  }

  /** Begins to listen; resolves with the port. @throws Error when the port cannot be had */
  listen(port: number, host: string): Promise<number> {
    return listen(this.#server, port, host);
  }

  /**
   * Refuses new requests, tells streams to go, waits until what is in flight is answered, at most `timeoutMs`;
   * then cuts what is left. Resolves with the number of connections cut.
   */
  async stop(timeoutMs: number): Promise<number> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#stop.begin();
    this.#server.closeIdleConnections();
    // Node counts a connection as idle only after its first request; browsers and proxies open some ahead.
    const unused = setTimeout(() => {
      for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
    }, FIRST_BYTE_MS);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), timeoutMs);
    });
    const outcome = await Promise.race([closed, late]);
    clearTimeout(timer);
    clearTimeout(unused);
    if (outcome !== 'late') return 0;
    const left = await new Promise<number>((resolve) =>
      this.#server.getConnections((_, count) => resolve(count)),
    );
    this.#server.closeAllConnections();
    // Upgraded ones are none of the server's any more.
    for (const socket of this.#sockets) socket.destroy();
    await this.#streams.ended();
    return left;
  }

  #serve(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const request = new NodeRequestInfo(incoming);
    const answer = (response: EntrypointResponse, cors?: CorsPolicy) =>
      this.#answer(response, request, incoming, outgoing, cors);
    const failed = (error: SluiceError) => this.#logFailure(error, request);
    try {
      if (this.#stop.begun) throw new SluiceError('goaway');
      assertTarget(incoming);
      const match = this.gateway.find(request.host, request.path);
      if (match === undefined) throw new SluiceError('NO_CONTEXT_PATH');
      request.routed(match);
      this.telemetry.begin(request);
      const { target, cors } = match;
      if (cors !== undefined && isPreflight(request)) {
        answer(preflightAnswer(cors, request, allowedMethods(target)));
      } else if (request.method === 'OPTIONS') answer(optionsAnswer(target), cors);
      else {
        const socket = { incoming, outgoing };
        void serveExchange(target, request, socket, this.limits, this.#stop, failed).then((response) =>
          answer(response, cors),
        );
      }
    } catch (thrown) {
      const error = SluiceError.from(thrown);
      failed(error);
      answer(errorResponse(error, request.id, request.headers.get('accept')));
    }
  }

  async #upgrade(upgrade: UpgradeRequest): Promise<void> {
    const { incoming, socket } = upgrade;
    const request = new NodeRequestInfo(incoming);
    const match = this.gateway.find(request.host, request.path);
    if (match !== undefined) request.routed(match);
    if (match === undefined || this.#stop.begun || !isForUpgrade(match.target, request)) {
      serveWithoutUpgrade(this.#server, upgrade);
      return;
    }
    this.telemetry.begin(request);
    const connection = { incoming, outgoing: socket };
    const response = await serveExchange(
      match.target,
      request,
      connection,
      this.limits,
      this.#stop,
      (error) => this.#logFailure(error, request),
    );
    this.telemetry.answered(request, response.status);
    const headers = { 'X-Request-Id': request.id, ...response.headers };
    if ('upgrade' in response) {
      const served = serveUpgraded(response, upgrade, headers).catch((thrown: unknown) =>
        this.#logFailure(SluiceError.from(thrown), request),
      );
      this.#streams.add(served);
    } else if ('stream' in response) {
      await release(response);
      socket.destroy();
    } else refuseUpgrade(upgrade, { ...response, headers });
  }

  #answer(
    response: EntrypointResponse,
    request: NodeRequestInfo,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    cors?: CorsPolicy,
  ): void {
    try {
      this.#write(response, request, incoming, outgoing, cors);
    } catch (thrown) {
      this.log.error({ err: thrown, path: incoming.url }, 'an answer cannot be written');
      outgoing.destroy();
    }
    this.telemetry.answered(request, response.status);
  }

  #write(
    response: EntrypointResponse,
    request: NodeRequestInfo,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    cors?: CorsPolicy,
  ): void {
    if (outgoing.destroyed || outgoing.headersSent) {
      void release(response);
      return;
    }
    const own = cors === undefined ? response.headers : withCors(response.headers, cors, request);
    const headers = { 'X-Request-Id': request.id, ...own };
    if ('upgrade' in response) {
      // Only a request for an upgrade comes to an entrypoint that upgrades.
      void release(response);
      outgoing.destroy();
    } else if ('stream' in response) {
      outgoing.writeHead(response.status, nodeHeaders(headers));
      outgoing.flushHeaders();
      this.#streams.add(this.#stream(response, request, outgoing));
    } else if (hasUnreadBody(incoming)) {
      answerUnread(response, headers, incoming, outgoing);
    } else {
      if (this.#stop.begun) outgoing.shouldKeepAlive = false;
      answerComplete(response, headers, outgoing);
    }
  }

  async #stream(
    response: StreamedResponse,
    request: NodeRequestInfo,
    outgoing: ServerResponse,
  ): Promise<void> {
    try {
      await response.stream(new ResponseSink(outgoing));
      outgoing.end();
    } catch (thrown) {
      this.#logFailure(SluiceError.from(thrown), request);
      outgoing.destroy();
    }
  }

  #logFailure(error: SluiceError, request: NodeRequestInfo): void {
    const { level } = error.entry;
    const { status } = error;
    const cause = error.cause instanceof Error ? { err: error.cause } : {};
    const members = {
      requestId: request.id,
      key: error.key,
      status,
      method: request.method,
      path: request.path,
    };
    this.log[level]({ ...members, ...cause }, error.message);
  }
}

/** How long after the stop has begun the first byte of a request may still come on a new connection. */
const FIRST_BYTE_MS = 100;
