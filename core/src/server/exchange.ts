import type { CompleteResponse, EntrypointResponse } from '../contract/entrypoint.js';
import { SluiceError } from '../contract/errors.js';
import type { MaybePromise } from '../contract/policy.js';
import type { RunningApi } from '../runtime/deploy.js';
import { type ExchangeFlows, flowsOf } from '../runtime/flow/flow-engine.js';
import { Pipeline } from '../runtime/pipeline.js';
import { type ChosenPlan, choosePlan } from '../runtime/plan/choose-plan.js';
import { errorResponse } from './error-response.js';
import { ExchangeContext, type Socket } from './exchange-context.js';
import { ExchangeHost } from './exchange-host.js';
import { release } from './release.js';
import type { BodyLimits } from './request-body.js';
import type { NodeRequestInfo } from './request-info.js';
import { throughResponseFlows } from './response-flows.js';
import { assertHeaders } from './response-headers.js';
import { selectEntrypoint } from './select-entrypoint.js';
import type { Stop } from './stop.js';
import type { StreamShares } from './stream-shares.js';

/** What bounds an exchange, and what ends it. */
export interface ExchangeLimits extends BodyLimits {
  /** Until the answer is known; a stream may then go on for as long as it likes. */
  readonly requestTimeoutMs: number;
  /** What clients read at a time. */
  readonly streams: StreamShares;
}

/**
 * Serves one request on the API that was found for it; an error becomes the answer the API has for it. Never rejects.
 * @param onError is told of each error that is answered
 */
export function serveExchange(
  api: RunningApi,
  request: NodeRequestInfo,
  socket: Socket,
  limits: ExchangeLimits,
  stop: Stop,
  onError: (error: SluiceError) => void,
): Promise<EntrypointResponse> {
  const ctx = new ExchangeContext(api, request, socket.outgoing, request.span?.context);
  return new Promise((resolve) => {
    const answer = (response: EntrypointResponse) => {
      if (!isAnswer(response)) return fail(new TypeError('an entrypoint gave back what is no answer'));
      clearTimeout(timer);
      resolve(response);
    };
    const fail = (thrown: unknown) => {
      clearTimeout(timer);
      const error = SluiceError.from(thrown);
      onError(error);
      resolve(errorAnswer(api, error, ctx));
    };
    let timer: NodeJS.Timeout | undefined;
    try {
      const work = serve(api, ctx, socket, limits, stop);
      timer = setTimeout(() => {
        // An answer that comes later is released.
        void work.then(release, () => undefined);
        fail(new SluiceError('REQUEST_TIMEOUT'));
      }, limits.requestTimeoutMs);
      work.then(answer, fail);
    } catch (thrown) {
      fail(thrown);
    }
  });
}

/** Whether a plugin kept to its contract as far as everybody else depends on it. */
function isAnswer(response: EntrypointResponse | undefined): boolean {
  return typeof response === 'object' && response !== null && Number.isInteger(response.status);
}

/** The answer to an error: that of the definition, else the usual one. */
async function errorAnswer(
  api: RunningApi,
  error: SluiceError,
  ctx: ExchangeContext,
): Promise<EntrypointResponse> {
  const usual = errorResponse(error, ctx.request.id, ctx.request.headers.get('accept'));
  return (await ownAnswer(api, error, usual, ctx)) ?? usual;
}

/** The answer in the definition's own words; a template that fails is left out, and the log says why. */
async function ownAnswer(
  { responseTemplates }: RunningApi,
  error: SluiceError,
  usual: CompleteResponse,
  ctx: ExchangeContext,
): Promise<CompleteResponse | undefined> {
  try {
    const answer = await responseTemplates.answer(error, usual, ctx);
    if (answer !== undefined) assertHeaders(answer.headers ?? {});
    return answer;
  } catch (failure) {
    ctx.log.error({ key: error.key, err: failure }, 'a response template cannot be evaluated');
    return undefined;
  }
}

/** What is known at once is not waited for: each wait costs a published message more than most of this does. */
function serve(
  api: RunningApi,
  ctx: ExchangeContext,
  socket: Socket,
  limits: ExchangeLimits,
  stop: Stop,
): Promise<EntrypointResponse> {
  const { plugin, connector, pipeline, modes } = selectEntrypoint(api, ctx.request);
  if (!(pipeline instanceof Pipeline)) throw pipeline;
  const answerBy = performance.now() + limits.requestTimeoutMs;
  const handle = (chosen: ChosenPlan, flows: ExchangeFlows) => {
    const host = new ExchangeHost(ctx, pipeline, flows, chosen, socket, limits, answerBy, stop);
    return connector.handle(ctx, host).then((response) => throughResponseFlows(response, flows, ctx));
  };
  return whenKnown(choosePlan(api.plans, ctx, modes), (chosen) =>
    whenKnown(flowsOf(chosen.plan.flows, ctx, { entrypoint: plugin.id, modes: chosen.modes }), (flows) =>
      whenKnown(flows.request(ctx), () => handle(chosen, flows)),
    ),
  );
}

function whenKnown<T, R>(value: MaybePromise<T>, next: (value: T) => Promise<R>): Promise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
