import type { IncomingMessage } from 'node:http';
import type {
  CompleteResponse,
  EntrypointHost,
  EntrypointResponse,
  RequestHead,
} from '../contract/entrypoint.js';
import { SluiceError } from '../contract/errors.js';
import type { RunningApi, RunningEntrypoint } from '../runtime/deploy.js';
import { flowsOf } from '../runtime/flow/flow-engine.js';
import { Pipeline } from '../runtime/pipeline.js';
import { choosePlan } from '../runtime/plan/choose-plan.js';
import { endingAt } from '../runtime/plan/expiring.js';
import { errorResponse } from './error-response.js';
import { type ClosingConnection, ExchangeContext } from './exchange-context.js';
import { allowedMethods } from './options.js';
import { release } from './release.js';
import { type BodyLimits, readBody } from './request-body.js';
import type { NodeRequestInfo } from './request-info.js';
import { throughResponseFlows } from './response-flows.js';

/** What bounds an exchange, and what ends it. */
export interface ExchangeLimits extends BodyLimits {
  /** Until the answer is known; a stream may then go on for as long as it likes. */
  readonly requestTimeoutMs: number;
}

/**
 * Serves one request on the API that was found for it; an error becomes the answer the API has for it.
 * @param onError is told of each error that is answered
 */
export async function serveExchange(
  api: RunningApi,
  request: NodeRequestInfo,
  socket: Socket,
  limits: ExchangeLimits,
  stopping: AbortSignal,
  onError: (error: SluiceError) => void,
): Promise<EntrypointResponse> {
  const ctx = new ExchangeContext(api, request, socket.outgoing, request.span?.context);
  try {
    return await serve(api, ctx, socket, limits, stopping);
  } catch (thrown) {
    const error = SluiceError.from(thrown);
    onError(error);
    const usual = errorResponse(error, request.id, request.headers.get('accept'));
    return (await ownAnswer(api, error, usual, ctx)) ?? usual;
  }
}

/** What a request came by, and what its answer goes to. */
export interface Socket {
  readonly incoming: IncomingMessage;
  readonly outgoing: ClosingConnection;
}

/** The answer in the definition's own words; a template that fails is left out, and the log says why. */
async function ownAnswer(
  { responseTemplates }: RunningApi,
  error: SluiceError,
  usual: CompleteResponse,
  ctx: ExchangeContext,
): Promise<CompleteResponse | undefined> {
  try {
    return await responseTemplates.answer(error, usual, ctx);
  } catch (failure) {
    ctx.log.error({ key: error.key, err: failure }, 'a response template cannot be evaluated');
    return undefined;
  }
}

/** @throws SluiceError for the error answer */
async function serve(
  api: RunningApi,
  ctx: ExchangeContext,
  socket: Socket,
  limits: ExchangeLimits,
  stopping: AbortSignal,
): Promise<EntrypointResponse> {
  const { plugin, connector, pipeline, modes: possible } = selectEntrypoint(api, ctx.request);
  if (!(pipeline instanceof Pipeline)) throw pipeline;
  const answerBy = performance.now() + limits.requestTimeoutMs;
  const handled = async (): Promise<EntrypointResponse> => {
    const { plan, modes, expiresAtMs } = await choosePlan(api.plans, ctx, possible);
    const flows = await flowsOf(plan.flows, ctx, { entrypoint: plugin.id, modes });
    await flows.request(ctx);
    const host: EntrypointHost = {
      qos: pipeline.qos,
      modes,
      body: () => readBody(socket.incoming, limits),
      async publish(messages) {
        if (!modes.includes('publish')) throw new SluiceError('OPERATION_FORBIDDEN');
        if (expiresAtMs !== undefined && expiresAtMs <= Date.now())
          throw new SluiceError('CREDENTIAL_EXPIRED');
        return await pipeline.publish(ctx, flows, messages);
      },
      async subscribe(wish) {
        if (!modes.includes('subscribe')) throw new SluiceError('OPERATION_FORBIDDEN');
        const subscription = await pipeline.subscribe(ctx, flows, wish);
        return expiresAtMs === undefined ? subscription : endingAt(subscription, expiresAtMs);
      },
      answerBy,
      stopping,
    };
    return await throughResponseFlows(await connector.handle(ctx, host), flows, ctx);
  };
  return await withTimeout(handled(), limits.requestTimeoutMs);
}

/** The most specific entrypoint that takes the request. @throws SluiceError `METHOD_NOT_ALLOWED`, `NO_ENTRYPOINT` */
function selectEntrypoint(api: RunningApi, request: RequestHead): RunningEntrypoint {
  const found = api.entrypoints.find(({ plugin }) => plugin.listener === 'http' && plugin.matches(request));
  if (found !== undefined) return found;
  const methods = allowedMethods(api);
  if (methods.includes(request.method)) throw new SluiceError('NO_ENTRYPOINT');
  throw new SluiceError('METHOD_NOT_ALLOWED', { headers: { Allow: methods.join(', ') } });
}

/** @throws SluiceError `REQUEST_TIMEOUT`; an answer that comes later is released */
async function withTimeout(
  work: Promise<EntrypointResponse>,
  timeoutMs: number,
): Promise<EntrypointResponse> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      void work.then(release, () => undefined);
      reject(new SluiceError('REQUEST_TIMEOUT'));
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
