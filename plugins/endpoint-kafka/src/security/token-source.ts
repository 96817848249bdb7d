import type { Logger } from '@sluice/core';

/** An access token and when it ends, in milliseconds since the epoch; without an end it is never fetched again. */
export interface AccessToken {
  readonly token: string;
  readonly expiresAt?: number;
}

/** A Kafka client, as far as tokens go. */
export interface TokenClient {
  setOauthBearerToken(token: string, extensions?: string[]): unknown;
}

/** A new token is fetched when this part of the life of the present one is over. */
const REFRESH_AT = 0.8;
const RETRY_MS = { first: 1000, most: 30_000 };
/** The longest wait that a timer of Node takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * The token of a connection, for all its clients. It is fetched when a client first needs it, again before it ends,
 * and given to every client that is open then. A failed fetch is tried again; the old token serves until its end.
 */
export class TokenSource {
  readonly #clients = new Set<TokenClient>();
  #current: AccessToken | undefined;
  #fetching: Promise<AccessToken> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = RETRY_MS.first;
  #stopped = false;

  constructor(
    private readonly fetch: () => Promise<AccessToken>,
    private readonly extensions: Readonly<Record<string, string>>,
    private readonly log: Logger,
  ) {}

  /** Gives the client the token of now, and those that follow until `forget`. Rejects with what a fetch failed of. */
  async attach(client: TokenClient): Promise<void> {
    const { token } = await this.#valid();
    client.setOauthBearerToken(token, Object.entries(this.extensions).flat());
    this.#clients.add(client);
  }

  forget(client: TokenClient): void {
    this.#clients.delete(client);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#clients.clear();
  }

  async #valid(): Promise<AccessToken> {
    const current = this.#current;
    if (current !== undefined && (current.expiresAt ?? Number.POSITIVE_INFINITY) > Date.now()) return current;
    return await this.#fetch();
  }

  #fetch(): Promise<AccessToken> {
    this.#fetching ??= this.fetch()
      .then((token) => {
        this.#current = token;
        this.#retryMs = RETRY_MS.first;
        this.#plan(token);
        return token;
      })
      .finally(() => {
        this.#fetching = undefined;
      });
    return this.#fetching;
  }

  #plan({ expiresAt }: AccessToken): void {
    if (expiresAt === undefined) return;
    this.#after(Math.max(1000, (expiresAt - Date.now()) * REFRESH_AT));
  }

  #after(waitMs: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#refresh(), Math.min(waitMs, MAX_TIMER_MS));
    this.#timer.unref();
  }

  async #refresh(): Promise<void> {
    // Nobody connected: the next client fetches one.
    if (this.#clients.size === 0) return;
    try {
      const { token } = await this.#fetch();
      for (const client of this.#clients) this.#give(client, token);
    } catch (error) {
      this.log.warn({ err: error }, 'a new token for kafka could not be fetched; it is tried again');
      this.#after(this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS.most);
    }
  }

  #give(client: TokenClient, token: string): void {
    try {
      client.setOauthBearerToken(token, Object.entries(this.extensions).flat());
    } catch (error) {
      this.#clients.delete(client);
      this.log.debug({ err: error }, 'a kafka client was gone before it got a new token');
    }
  }
}
