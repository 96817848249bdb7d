import { rootCertificates } from 'node:tls';
import type { ExecutionContext, Message } from '@sluice/core';
import type { Dispatcher } from 'undici';
import { type Authorizer, authorizer } from './auth.js';
import { Calls, CallTimeout } from './calls.js';
import type { WebhookConfig } from './config.js';
import { guardedAgent } from './connections.js';
import { HeaderWriter } from './headers.js';
import type { Lookup } from './resolver.js';
import { retryAfterMs } from './retry.js';
import { secretBytes } from './signature.js';
import type { SubscriberConfig } from './subscriber.js';
import { TargetRefused, type Targets } from './target.js';
import { tlsOptions } from './tls.js';
import { fetchToken, TokenFailure } from './token-endpoint.js';
import type { Tunnel } from './tunnel.js';

/** What became of one call. */
export type CallResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** The callback's answer, or the token endpoint's; absent when there was none. */
      readonly status?: number;
      readonly retryAfterMs?: number;
      /** False when the callback cannot have taken the message: it said no, or was never asked. */
      readonly perhapsTaken: boolean;
      /** The callback itself answered with `status`. */
      readonly answered: boolean;
      /** For the subscription's owner; tells no secret and no answer. */
      readonly detail: string;
    };

/** What a sender is made of. */
export interface SenderParts {
  readonly config: WebhookConfig;
  readonly subscriber: SubscriberConfig;
  readonly ctx: Pick<ExecutionContext, 'api' | 'subscription'>;
  /** As policies of the response phase left them. */
  readonly responseHeaders: ReadonlyMap<string, readonly string[]>;
  readonly targets: Targets;
  readonly tunnel?: Tunnel;
  /** The system's resolver when absent. */
  readonly lookup?: Lookup;
  /** See {@link guardedAgent}. */
  readonly keepAlive: boolean;
}

/** Errors that come before the first byte of a request is sent. */
const BEFORE_SENDING =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|ERR_TARGET_REFUSED|ERR_PROXY|ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/** Posts messages to one subscriber, each call by itself. */
export class Sender {
  readonly #agent: Dispatcher;
  readonly #tokenAgent: Dispatcher;
  readonly #calls: Calls;
  readonly #authorizer: Authorizer;
  readonly #headers: HeaderWriter;
  readonly #target: { readonly origin: string; readonly path: string };

  constructor(private readonly parts: SenderParts) {
    const { config, subscriber } = parts;
    const { connectTimeout, readTimeout, idleTimeout, maxConcurrentConnections } = config.http;
    const tls = tlsOptions(subscriber.ssl);
    const common = {
      targets: parts.targets,
      ...(parts.tunnel === undefined ? {} : { tunnel: parts.tunnel }),
      ...(parts.lookup === undefined ? {} : { lookup: parts.lookup }),
      connectTimeoutMs: connectTimeout,
      idleTimeoutMs: idleTimeout,
    };
    const { keepAlive } = parts;
    this.#agent = guardedAgent({ ...common, tls, keepAlive, maxConnections: maxConcurrentConnections });
    this.#calls = new Calls(this.#agent, connectTimeout + readTimeout);
    // A subscriber's own trust store need not know who signed the token endpoint's certificate.
    const ca = tls.ca === undefined ? {} : { ca: [...rootCertificates, tls.ca].flat() };
    this.#tokenAgent = guardedAgent({
      ...common,
      tls: { ...tls, ...ca },
      keepAlive: false,
      maxConnections: 1,
    });
    this.#authorizer = authorizer(subscriber.auth, (wanted, signal) =>
      fetchToken(wanted, this.#tokenAgent, signal),
    );
    const { origin, pathname, search } = new URL(subscriber.callbackUrl);
    this.#target = { origin, path: pathname + search };
    this.#headers = new HeaderWriter({
      subscriptionId: parts.ctx.subscription.id,
      ctx: parts.ctx,
      response: parts.responseHeaders,
      subscriber: subscriber.headers,
      ...(subscriber.keyHeader === undefined ? {} : { keyHeader: subscriber.keyHeader }),
      secrets: subscriber.secrets.map(secretBytes).filter((bytes) => typeof bytes !== 'string'),
    });
  }

  /** Calls once; a second time at once where the callback refuses a token and another can be had. Never rejects. */
  async send(message: Message, cut: AbortSignal): Promise<CallResult> {
    let authorization: string | undefined;
    for (let renewed = false; ; renewed = true) {
      try {
        authorization = this.#authorizer.mayCall
          ? await this.#inTime(cut, (signal) => this.#authorizer.authorization(signal))
          : await this.#authorizer.authorization(cut);
      } catch (error) {
        return tokenFailure(error);
      }
      const result = await this.#call(message, authorization, cut);
      const again = !result.ok && result.status === 401 && !renewed;
      if (!again || !this.#authorizer.refused(authorization)) return result;
    }
  }

  /** Ends every connection; calls in flight fail. */
  async close(): Promise<void> {
    this.#calls.close();
    await Promise.all([this.#agent.destroy(), this.#tokenAgent.destroy()]);
  }

  async #call(message: Message, authorization: string | undefined, cut: AbortSignal): Promise<CallResult> {
    const headers = this.#headers.of(message, authorization, Date.now());
    try {
      const { status, retryAfter } = await this.#calls.post(
        { ...this.#target, headers, body: message.content },
        cut,
      );
      return verdict(status, retryAfter);
    } catch (error) {
      return failure(error);
    }
  }

  /** For what is seldom done. @throws Error `UND_ERR_ABORTED` or that of `work` */
  async #inTime<T>(cut: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { connectTimeout, readTimeout } = this.parts.config.http;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new CallTimeout()), connectTimeout + readTimeout);
    try {
      return await work(AbortSignal.any([cut, late.signal]));
    } finally {
      clearTimeout(timer);
    }
  }
}

const TAKEN: CallResult = { ok: true };

function verdict(status: number, retryAfter: string | undefined): CallResult {
  if (status >= 200 && status < 300) return TAKEN;
  const asked = retryAfterMs(retryAfter, Date.now());
  return {
    ok: false,
    status,
    ...(asked === undefined ? {} : { retryAfterMs: asked }),
    perhapsTaken: false,
    answered: true,
    detail: `the callback answered ${status}`,
  };
}

function failure(error: unknown): CallResult {
  const { name = 'error', code = name } = error as { name?: string; code?: string };
  if (error instanceof TargetRefused) {
    // Nothing a retry could change but the resolver's mind.
    const detail = `the callback may not be called: ${error.message}`;
    return { ok: false, perhapsTaken: false, answered: false, detail };
  }
  const detail =
    code === 'TIMEOUT' ? 'the callback did not answer in time' : `the callback could not be called (${code})`;
  return { ok: false, perhapsTaken: !BEFORE_SENDING.test(code), answered: false, detail };
}

function tokenFailure(error: unknown): CallResult {
  const { status } = error instanceof TokenFailure ? error : { status: undefined };
  const cause = error instanceof TokenFailure ? error.cause : undefined;
  const refused = cause instanceof TargetRefused ? `: ${cause.message}` : '';
  const message = error instanceof TokenFailure ? error.message : 'no token could be made';
  return {
    ok: false,
    ...(status === undefined ? {} : { status }),
    perhapsTaken: false,
    answered: false,
    detail: `${message}${refused}`,
  };
}
