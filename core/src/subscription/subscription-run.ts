import { SluiceError } from '../contract/errors.js';
import type { Message } from '../contract/message.js';
import { pause } from '../contract/pause.js';
import type { AttemptLog, RunEnd, SubscriptionHost } from '../contract/subscription.js';
import type { RunningApi } from '../runtime/deploy.js';
import type { FlowRequest } from '../runtime/flow/flow.js';
import { type ExchangeFlows, type FlowPlan, flowsOf } from '../runtime/flow/flow-engine.js';
import { Pipeline } from '../runtime/pipeline.js';
import type { RunningPush } from '../runtime/running-push.js';
import type { SubscriptionRecord } from './record.js';
import { SubscriptionContext } from './subscription-context.js';

/** What a run works with. */
export interface RunParts {
  readonly api: RunningApi;
  readonly push: RunningPush;
  readonly record: SubscriptionRecord;
  readonly attempts: AttemptLog;
  /** Called once, unless the run was stopped from outside. */
  readonly onEnd: (end: RunEnd) => void;
}

/** Between two runs that an endpoint's error ended: doubled each time, up to the second, back to the first after a while. */
const BACKOFF_MS = { first: 500, most: 30_000, forgottenAfter: 60_000 };

/**
 * One subscription at work. What goes wrong at the endpoint (a broker that is away) is retried without an end, with
 * growing pauses: it is not the subscriber's failure. What goes wrong at the subscriber ends the run.
 */
export class SubscriptionRun {
  readonly #stopping = new AbortController();
  readonly #cut = new AbortController();
  readonly #done: Promise<void>;
  #begin = () => {};
  #failToBegin = (_error: SluiceError) => {};

  /**
   * Resolves once the endpoint has taken it for the first time: from then on its place is known there. Also when it ends
   * before. @throws SluiceError the endpoint's, when it did not take it
   */
  readonly begun: Promise<void>;

  constructor(private readonly parts: RunParts) {
    this.begun = new Promise((resolve, reject) => {
      this.#begin = resolve;
      this.#failToBegin = reject;
    });
    // Not everybody asks.
    this.begun.catch(() => {});
    this.#done = this.#loop().finally(() => this.#begin());
  }

  /** Lets what is in flight finish within `drainMs`, then cuts it. Resolves when nothing of it is left. */
  async stop(drainMs: number): Promise<void> {
    this.#stopping.abort();
    const timer = setTimeout(() => this.#cut.abort(), drainMs);
    await this.#done;
    clearTimeout(timer);
  }

  async #loop(): Promise<void> {
    const { api, record } = this.parts;
    const stopping = this.#stopping.signal;
    let pauseMs = BACKOFF_MS.first;
    while (!stopping.aborted) {
      const begun = performance.now();
      try {
        const end = await this.#run();
        if (!stopping.aborted || end.ended === 'failed') this.parts.onEnd(end);
        return;
      } catch (thrown) {
        if (stopping.aborted) return;
        const error = SluiceError.from(thrown);
        this.#failToBegin(error);
        if (performance.now() - begun > BACKOFF_MS.forgottenAfter) pauseMs = BACKOFF_MS.first;
        api.log.warn(
          {
            subscription: record.id,
            key: error.key,
            err: error.cause ?? error,
            retryInMs: Math.round(pauseMs),
          },
          'the endpoint failed a subscription; it is run again',
        );
        await pause(pauseMs * (0.75 + Math.random() / 2), stopping);
        pauseMs = Math.min(pauseMs * 2, BACKOFF_MS.most);
      }
    }
  }

  /** @throws SluiceError of the endpoint */
  async #run(): Promise<RunEnd> {
    const { api, push, record, attempts } = this.parts;
    const { pipeline, plugin, connector, deadLetters } = push;
    if (!(pipeline instanceof Pipeline)) return { ended: 'failed', reason: pipeline };
    const ctx = new SubscriptionContext(api, record, this.#cut.signal);
    const plan = (record.plan === undefined ? undefined : api.pushPlans.get(record.plan)) ?? api.flows;
    // A policy that ends the exchange would do so each time.
    const prepared = await prepare(plan, ctx, { entrypoint: plugin.id, modes: plugin.modes }).catch(
      SluiceError.from,
    );
    if (prepared instanceof SluiceError) return { ended: 'failed', reason: prepared };
    const host: SubscriptionHost = {
      qos: pipeline.qos,
      subscribe: async (request) => {
        const takenAt = Date.parse(record.createdAt);
        const subscription = await pipeline.subscribe(ctx, prepared, { ...request, takenAt });
        this.#begin();
        return subscription;
      },
      attempts,
      ...(record.skip === undefined ? {} : { skip: record.skip }),
      stopping: this.#stopping.signal,
      ...(deadLetters === undefined
        ? {}
        : {
            deadLetter: async (message: Message) => {
              const own = new SubscriptionContext(api, record, this.#cut.signal);
              const [result] = await deadLetters.publish(own, [message], { qos: 'at-least-once' });
              return result ?? { ok: false, error: new SluiceError('INTERNAL_ERROR') };
            },
          }),
    };
    return await connector.run(ctx, record.entrypointConfiguration, host);
  }
}

/** The flows of a subscription, their request and response phases run. @throws SluiceError of a policy */
async function prepare(
  plan: FlowPlan,
  ctx: SubscriptionContext,
  request: FlowRequest,
): Promise<ExchangeFlows> {
  const flows = await flowsOf(plan, ctx, request);
  await flows.request(ctx);
  await flows.response(ctx, ctx.response);
  return flows;
}
