import type { ExecutionContext } from '../../contract/context.js';
import type { SubscribeRequest, Subscription } from '../../contract/delivery.js';
import type { EndpointConnector, EndpointHealth, PublishResult } from '../../contract/endpoint.js';
import { SluiceError } from '../../contract/errors.js';
import type { Message } from '../../contract/message.js';
import type { EndpointPlugin, PluginHost } from '../../contract/plugin.js';
import type { Qos } from '../../contract/qos.js';
import { type Lease, LingeringPool } from '../../contract/share/lingering-pool.js';
import { type ShareLimits, shareExhausted } from '../../contract/share/shares.js';
import { wrapSubscription } from '../../contract/wrap-subscription.js';
import type { EndpointConfiguration, EndpointTemplate } from './endpoint-template.js';

/** Configurations of one endpoint that exchanges may have in use at a time, and those of one client. */
const LIMITS: ShareLimits = { all: 200, client: 100 };
/** How long one that nobody uses is kept: the next exchange of its kind finds it connected. */
const IDLE_MS = 60_000;
/** A client that closes an exchange has room at once. */
const RETRY_SECONDS = 5;
/** Of one that is closed because nobody uses it: what it had in flight has been answered. */
const CLOSE_MS = 5000;

/**
 * An endpoint under a configuration that exchanges may change. Each configuration that they come to has a connector
 * of its own, shared by all exchanges that come to the same; it is worked out once an exchange. What is not changed
 * is served by the connector of the written configuration, at no cost.
 */
export class ConfiguredEndpoint implements EndpointConnector {
  readonly #written: EndpointConnector | undefined;
  // Made with the first exchange that changes something: of thousands of endpoints few are ever asked to.
  #pool: LingeringPool<EndpointConnector> | undefined;
  #chosen: WeakMap<ExecutionContext, Promise<EndpointConfiguration>> | undefined;
  #closeMs = CLOSE_MS;
  #stopped = false;

  constructor(
    private readonly plugin: EndpointPlugin,
    private readonly template: EndpointTemplate,
    private readonly host: PluginHost,
  ) {
    this.#written = template.isDynamic ? undefined : plugin.create(...partsOf(template.written), host);
  }

  publish(
    ctx: ExecutionContext,
    messages: readonly Message[],
    options: { readonly qos: Qos },
  ): Promise<readonly PublishResult[]> {
    if (this.#written !== undefined && !this.template.changesFor(ctx)) {
      return this.#written.publish(ctx, messages, options);
    }
    return this.#publishChanged(ctx, messages, options);
  }

  subscribe(ctx: ExecutionContext, request: SubscribeRequest): Promise<Subscription> {
    if (this.#written !== undefined && !this.template.changesFor(ctx))
      return this.#written.subscribe(ctx, request);
    return this.#subscribeChanged(ctx, request);
  }

  /** Of the written configuration; of one with expressions the worst that is in use. */
  health(): EndpointHealth {
    if (this.#written !== undefined) return this.#written.health();
    const all = (this.#pool?.values ?? []).map((connector) => connector.health());
    return (
      all.find(({ status }) => status === 'down') ?? all[0] ?? { status: 'unknown', reason: EACH_ITS_OWN }
    );
  }

  /** Of all configurations that are in use. */
  statistics(): readonly object[] | undefined {
    const all = [...(this.#written === undefined ? [] : [this.#written]), ...(this.#pool?.values ?? [])];
    const told = all.map((connector) => connector.statistics?.());
    return told.every((one) => one === undefined) ? undefined : told.flatMap((one) => one ?? []);
  }

  async stop(timeoutMs: number): Promise<void> {
    this.#stopped = true;
    this.#closeMs = timeoutMs;
    await Promise.all([this.#pool?.stop(), this.#written?.stop(timeoutMs)]);
  }

  async #publishChanged(
    ctx: ExecutionContext,
    messages: readonly Message[],
    options: { readonly qos: Qos },
  ): Promise<readonly PublishResult[]> {
    const { value, release } = this.#use(ctx, await this.#resolve(ctx));
    try {
      return await value.publish(ctx, messages, options);
    } finally {
      release();
    }
  }

  async #subscribeChanged(ctx: ExecutionContext, request: SubscribeRequest): Promise<Subscription> {
    const { value, release } = this.#use(ctx, await this.#resolve(ctx));
    try {
      return leased(await value.subscribe(ctx, request), release);
    } catch (error) {
      release();
      throw error;
    }
  }

  #resolve(ctx: ExecutionContext): Promise<EndpointConfiguration> {
    this.#chosen ??= new WeakMap();
    const known = this.#chosen.get(ctx);
    if (known !== undefined) return known;
    const resolved = this.template.resolve(ctx);
    this.#chosen.set(ctx, resolved);
    return resolved;
  }

  /** @throws SluiceError `CLIENT_SHARE_EXHAUSTED`, `TOO_MANY_CONFIGURATIONS`, `goaway` */
  #use({ api, client }: ExecutionContext, configuration: EndpointConfiguration): Lease<EndpointConnector> {
    this.#pool ??= this.#makePool();
    return this.#pool.lease(JSON.stringify(configuration), { api: api.id, client }, () => {
      if (this.#stopped) throw new SluiceError('goaway');
      return this.plugin.create(...partsOf(configuration), { ...this.host, isChosen: true });
    });
  }

  #makePool(): LingeringPool<EndpointConnector> {
    return new LingeringPool({
      limits: () => LIMITS,
      lingerMs: IDLE_MS,
      refusal: (full) =>
        full === 'client'
          ? shareExhausted('configurations of an endpoint', LIMITS.client, RETRY_SECONDS)
          : new SluiceError('TOO_MANY_CONFIGURATIONS'),
      close: (connector) =>
        connector.stop(this.#closeMs).catch((error: unknown) => {
          this.host.log.warn({ err: error }, 'an endpoint that nobody used did not stop cleanly');
        }),
    });
  }
}

function partsOf({ configuration, shared }: EndpointConfiguration) {
  return [configuration, shared] as const;
}

const EACH_ITS_OWN = 'its configuration has expressions: each exchange has its own';

/** The subscription, with a call when it is closed for the first time. */
function leased(subscription: Subscription, release: () => void): Subscription {
  let closed: Promise<void> | undefined;
  return wrapSubscription(subscription, {
    close: () => {
      closed ??= subscription.close().finally(release);
      return closed;
    },
  });
}
