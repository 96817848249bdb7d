import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '../contract/logger.js';
import { partOf } from '../contract/share/shares.js';
import type { Gateway } from '../runtime/gateway.js';
import type { HttpTelemetry } from '../telemetry/http-metrics.js';
import { Answers } from './answers.js';
import { MAX_HEADERS } from './assert-request.js';
import { answerBrokenRequest } from './broken-request.js';
import type { ExchangeLimits } from './exchange.js';
import { FrontDoor } from './front-door.js';
import { listen } from './listen.js';
import { OpenSockets } from './open-sockets.js';
import { Stop } from './stop.js';
import { StreamShares } from './stream-shares.js';
import { Turns } from './turns.js';
import { Underway } from './underway.js';

/** The bounds of the gateway's port. */
export interface HttpLimits extends Omit<ExchangeLimits, 'streams'> {
  readonly maxHeaderBytes: number;
  readonly headersTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** Connections above it are closed at once. */
  readonly maxConnections: number;
  /** Of one address, or one /64 of IPv6; three quarters of all when absent. */
  readonly maxConnectionsPerAddress?: number;
  /** Of one client; three quarters of `maxConnections` when absent. */
  readonly maxStreamsPerClient?: number;
}

/** The port that clients speak to. */
export class HttpServer {
  readonly #stop = new Stop();
  readonly #streams = new Underway();
  readonly #sockets: OpenSockets;
  readonly #server: Server;

  constructor(gateway: Gateway, limits: HttpLimits, log: Logger, telemetry: HttpTelemetry) {
    const stop = this.#stop;
    const answers = new Answers(stop, this.#streams, log, telemetry);
    const wide = partOf(limits.maxConnections, 3 / 4);
    const streams = new StreamShares(limits.maxStreamsPerClient ?? wide);
    const door = new FrontDoor({ gateway, limits: { ...limits, streams }, stop, telemetry, answers });
    this.#sockets = new OpenSockets(limits.maxConnectionsPerAddress ?? wide);
    const turns = new Turns();
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
        turns.request(incoming, outgoing, () => door.plain(incoming, outgoing));
      },
    );
    // Clients that wait before they send a body are let go ahead when it is wanted, not before.
    this.#server.on('checkContinue', (incoming, outgoing) => {
      outgoing.on('finish', finished);
      const goAhead = () => outgoing.writeContinue();
      turns.request(incoming, outgoing, () => door.plain(incoming, outgoing, goAhead));
    });
    // Node's own answer would have neither an id nor a body.
    this.#server.on('checkExpectation', (incoming, outgoing) => {
      outgoing.on('finish', finished);
      turns.request(incoming, outgoing, () => door.plain(incoming, outgoing));
    });
    this.#server.on('upgrade', (incoming, duplex, head) => {
      const socket = duplex as Socket;
      // Node no longer listens to this socket: an error on it would end the process.
      socket.on('error', () => socket.destroy());
      turns.after(socket, () => void door.upgrade(this.#server, { incoming, socket, head }));
    });
    this.#server.on('connection', (socket) => this.#sockets.add(socket));
    this.#server.maxHeadersCount = 2 * MAX_HEADERS;
    this.#server.maxConnections = limits.maxConnections;
    this.#server.on('clientError', (error: NodeJS.ErrnoException, duplex) => {
      const socket = duplex as Socket;
      if (error.code === 'ECONNRESET') socket.destroy();
      else turns.broken(socket, () => answerBrokenRequest(error, socket));
    });
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
      for (const socket of this.#sockets.all) if (socket.bytesRead === 0) socket.destroy();
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
    for (const socket of this.#sockets.all) socket.destroy();
    await this.#streams.ended();
    return left;
  }
}

/** How long after the stop has begun the first byte of a request may still come on a new connection. */
const FIRST_BYTE_MS = 100;
