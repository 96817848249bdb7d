import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EntrypointResponse, StreamedResponse } from '../contract/entrypoint.js';
import { SluiceError } from '../contract/errors.js';
import type { Logger } from '../contract/logger.js';
import type { CorsPolicy } from '../runtime/cors-policy.js';
import type { HttpTelemetry } from '../telemetry/http-metrics.js';
import { answerComplete } from './complete-answer.js';
import { withCors } from './cors.js';
import { errorResponse } from './error-response.js';
import { release } from './release.js';
import type { NodeRequestInfo } from './request-info.js';
import { assertHeaders, nodeHeaders } from './response-headers.js';
import { ResponseSink } from './response-sink.js';
import type { Stop } from './stop.js';
import type { Underway } from './underway.js';
import { answerUnread, hasUnreadBody } from './unread-body.js';
import { refuseUpgrade, serveUpgraded, type UpgradeRequest } from './upgrade.js';

/** Writes answers to connections, and reports them. One that cannot be written is answered 500. Nothing here throws. */
export class Answers {
  constructor(
    private readonly stop: Stop,
    private readonly streams: Underway,
    private readonly log: Logger,
    private readonly telemetry: HttpTelemetry,
  ) {}

  /** Answers a plain request. */
  plain(
    response: EntrypointResponse,
    request: NodeRequestInfo,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    cors?: CorsPolicy,
  ): void {
    let { status } = response;
    try {
      this.#write(response, request, incoming, outgoing, cors);
    } catch (thrown) {
      status = 500;
      void release(response);
      const fault = this.#fault(thrown, request);
      try {
        // Half an answer cannot be followed by another.
        if (outgoing.headersSent) outgoing.destroy();
        else this.#write(fault, request, incoming, outgoing);
      } catch {
        outgoing.destroy();
      }
    }
    this.telemetry.answered(request, status);
  }

  /** Answers a request for another protocol: serves that, or refuses it by HTTP. */
  upgraded(given: EntrypointResponse, request: NodeRequestInfo, upgrade: UpgradeRequest): void {
    let response = given;
    try {
      if ('stream' in given) throw new Error('an entrypoint that upgrades has answered with a stream');
      // A handshake's headers are written as they are: a line end in one would begin the next.
      assertHeaders(given.headers ?? {});
    } catch (thrown) {
      void release(given);
      response = this.#fault(thrown, request);
    }
    this.telemetry.answered(request, response.status);
    const headers = { 'X-Request-Id': request.id, ...response.headers };
    if ('upgrade' in response) {
      const served = serveUpgraded(response, upgrade, headers).catch((thrown: unknown) =>
        this.failed(SluiceError.from(thrown), request),
      );
      this.streams.add(served);
    } else if (!('stream' in response)) {
      try {
        refuseUpgrade(upgrade, { ...response, headers });
      } catch (thrown) {
        refuseUpgrade(upgrade, this.#fault(thrown, request));
      }
    }
  }

  /** Logs an error that a request is answered with. */
  failed(error: SluiceError, request: NodeRequestInfo): void {
    const { level, logged, status } = error;
    const members = {
      requestId: request.id,
      key: error.key,
      status,
      method: request.method,
      path: request.path,
    };
    this.log[level]({ ...members, ...logged }, error.message);
  }

  #fault(cause: unknown, request: NodeRequestInfo) {
    const error = new SluiceError('INTERNAL_ERROR', { cause });
    this.failed(error, request);
    return errorResponse(error, request.id, request.headers.get('accept'));
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
      throw new Error('an entrypoint has answered a plain request with an upgrade');
    } else if ('stream' in response) {
      outgoing.writeHead(response.status, nodeHeaders(headers));
      outgoing.flushHeaders();
      this.streams.add(this.#stream(response, request, outgoing));
    } else if (hasUnreadBody(incoming)) {
      answerUnread(response, headers, incoming, outgoing);
    } else {
      if (this.stop.begun) outgoing.shouldKeepAlive = false;
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
      this.failed(SluiceError.from(thrown), request);
      outgoing.destroy();
    }
  }
}
