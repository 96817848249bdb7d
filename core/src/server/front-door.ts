import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { EntrypointResponse } from '../contract/entrypoint.js';
import { SluiceError } from '../contract/errors.js';
import type { CorsPolicy } from '../runtime/cors-policy.js';
import type { RunningApi } from '../runtime/deploy.js';
import type { Gateway } from '../runtime/gateway.js';
import type { RouteMatch } from '../runtime/route/router.js';
import type { RunningRoute } from '../runtime/route/running-route.js';
import type { HttpTelemetry } from '../telemetry/http-metrics.js';
import type { Answers } from './answers.js';
import { assertRequest } from './assert-request.js';
import { isPreflight, preflightAnswer } from './cors.js';
import { errorResponse } from './error-response.js';
import { type ExchangeLimits, serveExchange } from './exchange.js';
import { allowedMethods, optionsAnswer } from './options.js';
import { NodeRequestInfo } from './request-info.js';
import { isForUpgrade } from './select-entrypoint.js';
import type { Stop } from './stop.js';
import { serveWithoutUpgrade, type UpgradeRequest } from './upgrade.js';

/** What requests are received with. */
export interface FrontDoorParts {
  readonly gateway: Gateway;
  readonly limits: ExchangeLimits;
  readonly stop: Stop;
  readonly telemetry: HttpTelemetry;
  readonly answers: Answers;
}

/**
 * The one way in, for plain requests and for those that ask for another protocol: each is checked, routed to its API, served,
 * and answered, whatever fails on the way.
 */
export class FrontDoor {
  constructor(private readonly parts: FrontDoorParts) {}

  /** Serves a plain request. @param goAhead lets a client send its body that waits for that (`Expect: 100-continue`) */
  plain(incoming: IncomingMessage, outgoing: ServerResponse, goAhead?: () => void): void {
    const { limits, stop, telemetry, answers } = this.parts;
    const request = new NodeRequestInfo(incoming);
    const answer = (response: EntrypointResponse, cors?: CorsPolicy) =>
      answers.plain(response, request, incoming, outgoing, cors);
    try {
      const { target, cors } = this.#find(request, incoming);
      telemetry.begin(request);
      if (cors !== undefined && isPreflight(request)) {
        answer(preflightAnswer(cors, request, allowedMethods(target)));
      } else if (request.method === 'OPTIONS') answer(optionsAnswer(target), cors);
      else {
        const socket = goAhead === undefined ? { incoming, outgoing } : { incoming, outgoing, goAhead };
        const failed = (error: SluiceError) => answers.failed(error, request);
        void serveExchange(target, request, socket, limits, stop, failed).then((response) =>
          answer(response, cors),
        );
      }
    } catch (thrown) {
      answer(this.#refusal(thrown, request));
    }
  }

  /** Serves a request for another protocol; one that nobody takes as such is given back to the server, as a plain one. */
  async upgrade(server: Server, upgrade: UpgradeRequest): Promise<void> {
    const { limits, stop, telemetry, answers } = this.parts;
    const { incoming, socket } = upgrade;
    const request = new NodeRequestInfo(incoming);
    let response: EntrypointResponse;
    try {
      const { target } = this.#find(request, incoming);
      if (!isForUpgrade(target, request)) {
        serveWithoutUpgrade(server, upgrade);
        return;
      }
      telemetry.begin(request);
      const connection = { incoming, outgoing: socket };
      const failed = (error: SluiceError) => answers.failed(error, request);
      response = await serveExchange(target, request, connection, limits, stop, failed);
    } catch (thrown) {
      response = this.#refusal(thrown, request);
    }
    answers.upgraded(response, request, upgrade);
  }

  /** The API that a request is for. @throws SluiceError `goaway`, `BAD_REQUEST` and the like, `NO_CONTEXT_PATH` */
  #find(
    request: NodeRequestInfo,
    incoming: IncomingMessage,
  ): RouteMatch<RunningApi> & Pick<RunningRoute, 'cors'> {
    if (this.parts.stop.begun) throw new SluiceError('goaway');
    assertRequest(incoming);
    const match = this.parts.gateway.find(request.host, request.path);
    if (match === undefined) throw new SluiceError('NO_CONTEXT_PATH');
    request.routed(match);
    return match;
  }

  #refusal(thrown: unknown, request: NodeRequestInfo): EntrypointResponse {
    const error = SluiceError.from(thrown);
    this.parts.answers.failed(error, request);
    return errorResponse(error, request.id, request.headers.get('accept'));
  }
}
