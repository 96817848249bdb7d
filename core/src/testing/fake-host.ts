import type { ExecutionContext } from '../contract/context.js';
import type { EndpointConnector } from '../contract/endpoint.js';
import type { EntrypointHost } from '../contract/entrypoint.js';
import type { Qos } from '../contract/qos.js';
import { NO_FLOWS } from '../runtime/flow/flow-engine.js';
import { Pipeline } from '../runtime/pipeline.js';

/** What a {@link fakeHost} stands between. */
export interface FakeHostOptions {
  readonly endpoint: EndpointConnector;
  readonly ctx: ExecutionContext;
  readonly qos: Qos;
  /** The request body, or the error that reading it meets; empty when absent. */
  readonly body?: Buffer | Error;
  /** On the clock of `performance.now()`; in 30 seconds when absent. */
  readonly answerBy?: number;
  /** Never aborted when absent. */
  readonly stopping?: AbortSignal;
}

/** The gateway's side of one exchange, without a server: the body given, and an endpoint behind the pipeline. */
export function fakeHost({ endpoint, ctx, qos, body, answerBy, stopping }: FakeHostOptions): EntrypointHost {
  const pipeline = new Pipeline(qos, endpoint);
  return {
    qos,
    modes: ['publish', 'subscribe'],
    body: () => (body instanceof Error ? Promise.reject(body) : Promise.resolve(body ?? Buffer.alloc(0))),
    publish: (messages) => pipeline.publish(ctx, NO_FLOWS, messages),
    subscribe: (request) => pipeline.subscribe(ctx, NO_FLOWS, request),
    answerBy: answerBy ?? performance.now() + 30_000,
    stopping: stopping ?? new AbortController().signal,
  };
}
