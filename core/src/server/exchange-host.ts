import type { SubscribeRequest, Subscription } from '../contract/delivery.js';
import type { EndSignal } from '../contract/end-signal.js';
import type { PublishResult } from '../contract/endpoint.js';
import type { EntrypointHost, Mode } from '../contract/entrypoint.js';
import { SluiceError } from '../contract/errors.js';
import type { Message } from '../contract/message.js';
import type { Qos } from '../contract/qos.js';
import type { ExchangeFlows } from '../runtime/flow/flow-engine.js';
import type { Pipeline } from '../runtime/pipeline.js';
import type { ChosenPlan } from '../runtime/plan/choose-plan.js';
import { endingAt } from '../runtime/plan/expiring.js';
import { contentCodings, decoded } from './content-encoding.js';
import type { ExchangeContext, Socket } from './exchange-context.js';
import { type BodyLimits, readBody } from './request-body.js';
import type { StreamShares } from './stream-shares.js';

/** The host of one exchange: its body, and the API's pipeline within the rights and the time of its plan. */
export class ExchangeHost implements EntrypointHost {
  constructor(
    private readonly ctx: ExchangeContext,
    private readonly pipeline: Pipeline,
    private readonly flows: ExchangeFlows,
    private readonly plan: ChosenPlan,
    private readonly socket: Socket,
    private readonly limits: BodyLimits & { readonly streams: StreamShares },
    readonly answerBy: number,
    readonly stopping: EndSignal,
  ) {}

  get qos(): Qos {
    return this.pipeline.qos;
  }

  get modes(): readonly Mode[] {
    return this.plan.modes;
  }

  body(): Promise<Buffer> {
    const { incoming, goAhead } = this.socket;
    const isEncoded = incoming.headers['content-encoding'] !== undefined;
    return isEncoded ? this.#decodedBody() : readBody(incoming, this.#limits(), goAhead);
  }

  /** A body that does not come is the client's doing also where the time for the whole exchange ends with it. */
  #limits(): BodyLimits {
    const left = Math.max(1, this.answerBy - performance.now() - BODY_MARGIN_MS);
    return left >= this.limits.bodyTimeoutMs ? this.limits : { ...this.limits, bodyTimeoutMs: left };
  }

  async #decodedBody(): Promise<Buffer> {
    const { incoming, goAhead } = this.socket;
    const codings = contentCodings(incoming.headers);
    const body = await readBody(incoming, this.#limits(), goAhead);
    // What comes after sees the body as it is now.
    this.ctx.request.headers.delete('content-encoding');
    return await decoded(body, codings, this.limits.maxBodyBytes);
  }

  publish(messages: readonly Message[]): Promise<readonly PublishResult[]> {
    const { modes, expiresAtMs } = this.plan;
    if (!modes.includes('publish')) return Promise.reject(new SluiceError('OPERATION_FORBIDDEN'));
    if (expiresAtMs !== undefined && expiresAtMs <= Date.now())
      return Promise.reject(new SluiceError('CREDENTIAL_EXPIRED'));
    return this.pipeline.publish(this.ctx, this.flows, messages);
  }

  async subscribe(wish: Omit<SubscribeRequest, 'qos'>): Promise<Subscription> {
    const { modes, expiresAtMs } = this.plan;
    if (!modes.includes('subscribe')) throw new SluiceError('OPERATION_FORBIDDEN');
    const { api, client } = this.ctx;
    const closed = this.limits.streams.open({ api: api.id, client });
    const subscription = await this.pipeline.subscribe(this.ctx, this.flows, wish, closed);
    return expiresAtMs === undefined ? subscription : endingAt(subscription, expiresAtMs);
  }
}

/** A body is given up this long before its exchange is. */
const BODY_MARGIN_MS = 20;
