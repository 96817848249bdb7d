import type { ExecutionContext } from '../../contract/context.js';
import type { SubscribeRequest, Subscription } from '../../contract/delivery.js';
import type { EndpointConnector, EndpointHealth, PublishResult } from '../../contract/endpoint.js';
import { SluiceError } from '../../contract/errors.js';
import type { Message } from '../../contract/message.js';
import type { EndpointPlugin, PluginHost } from '../../contract/plugin.js';
import type { Qos } from '../../contract/qos.js';
import { wrapSubscription } from '../../contract/wrap-subscription.js';
import type { EndpointConfiguration, EndpointTemplate } from './endpoint-template.js';

/** Configurations of one endpoint that exchanges may have in use at a time; above it one is answered 503. */
const MAX_CONFIGURATIONS = 200;
/** How long one that nobody uses is kept: the next exchange of its kind finds it connected. */
const IDLE_MS = 60_000;
/** Of one that is closed because nobody uses it: what it had in flight has been answered. */
const CLOSE_MS = 5000;

interface Entry {
  readonly key: string;
  readonly connector: EndpointConnector;
  users: number;
  idle: NodeJS.Timeout | undefined;
}

/**
 * An endpoint under a configuration that exchanges may change. Each configuration that they come to has a connector
 * of its own, shared by all exchanges that come to the same; it is worked out once an exchange. What is not changed
 * is served by the connector of the written configuration, at no cost.
 */
export class ConfiguredEndpoint implements EndpointConnector {
  readonly #written: EndpointConnector | undefined;
  readonly #entries = new Map<string, Entry>();
  // Made with the first exchange that changes something: of thousands of endpoints few are ever asked to.
  #chosen: WeakMap<ExecutionContext, Promise<EndpointConfiguration>> | undefined;
  readonly #closing = new Set<Promise<void>>();
  #stopped = false;

  constructor(
    private readonly plugin: EndpointPlugin,
    private readonly template: EndpointTemplate,
    private readonly host: PluginHost,
  ) {
    this.#written = template.isDynamic ? undefined : this.#create(template.written);
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
    const all = [...this.#entries.values()].map(({ connector }) => connector.health());
    return (
      all.find(({ status }) => status === 'down') ?? all[0] ?? { status: 'unknown', reason: EACH_ITS_OWN }
    );
  }

  /** Of all configurations that are in use. */
  statistics(): readonly object[] | undefined {
    const used = [...this.#entries.values()].map(({ connector }) => connector);
    const all = [...(this.#written === undefined ? [] : [this.#written]), ...used];
    const told = all.map((connector) => connector.statistics?.());
    return told.every((one) => one === undefined) ? undefined : told.flatMap((one) => one ?? []);
  }

  async stop(timeoutMs: number): Promise<void> {
    this.#stopped = true;
    const all = [...this.#entries.values()].map((entry) => this.#close(entry, timeoutMs));
    await Promise.all([...all, ...this.#closing, this.#written?.stop(timeoutMs)]);
  }

  async #publishChanged(
    ctx: ExecutionContext,
    messages: readonly Message[],
    options: { readonly qos: Qos },
  ): Promise<readonly PublishResult[]> {
    const entry = this.#use(await this.#resolve(ctx));
    try {
      return await entry.connector.publish(ctx, messages, options);
    } finally {
      this.#unused(entry);
    }
  }

  async #subscribeChanged(ctx: ExecutionContext, request: SubscribeRequest): Promise<Subscription> {
    const entry = this.#use(await this.#resolve(ctx));
    try {
      return leased(await entry.connector.subscribe(ctx, request), () => this.#unused(entry));
    } catch (error) {
      this.#unused(entry);
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

  /** @throws SluiceError `TOO_MANY_CONFIGURATIONS`, `goaway` */
  #use(configuration: EndpointConfiguration): Entry {
    const key = JSON.stringify(configuration);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      if (this.#stopped) throw new SluiceError('goaway');
      if (this.#entries.size >= MAX_CONFIGURATIONS && !this.#closeIdle()) {
        throw new SluiceError('TOO_MANY_CONFIGURATIONS');
      }
      entry = { key, connector: this.#create(configuration), users: 0, idle: undefined };
      this.#entries.set(key, entry);
    }
    entry.users++;
    clearTimeout(entry.idle);
    return entry;
  }

  #unused(entry: Entry): void {
    entry.users--;
    if (entry.users > 0 || this.#stopped) return;
    entry.idle = setTimeout(() => void this.#close(entry, CLOSE_MS), IDLE_MS);
    entry.idle.unref();
  }

  #closeIdle(): boolean {
    for (const entry of this.#entries.values()) {
      if (entry.users > 0) continue;
      void this.#close(entry, CLOSE_MS);
      return true;
    }
    return false;
  }

  #close(entry: Entry, timeoutMs: number): Promise<void> {
    clearTimeout(entry.idle);
    this.#entries.delete(entry.key);
    const closed = entry.connector.stop(timeoutMs).catch((error: unknown) => {
      this.host.log.warn({ err: error }, 'an endpoint that nobody used did not stop cleanly');
    });
    this.#closing.add(closed);
    void closed.finally(() => this.#closing.delete(closed));
    return closed;
  }

  #create({ configuration, shared }: EndpointConfiguration): EndpointConnector {
    return this.plugin.create(configuration, shared, this.host);
  }
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
