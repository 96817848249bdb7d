/** What a token endpoint gave. */
export interface TokenAnswer {
  readonly token: string;
  /** Absent when it is good for ever. */
  readonly expiresInSeconds?: number;
}

/** A token is fetched anew this long before it ends, or a tenth of its life when that is shorter. */
const EARLY_MS = 30_000;

/** Keeps one token, and fetches it once for all who ask meanwhile. */
export class TokenCache {
  #token: { readonly value: string; readonly goodUntilMs: number } | undefined;
  #fetching: Promise<string> | undefined;

  constructor(
    private readonly fetch: (signal: AbortSignal) => Promise<TokenAnswer>,
    private readonly now: () => number = Date.now,
  ) {}

  /** A token that is good for a while yet. @throws what `fetch` throws; the next call tries again */
  get(signal: AbortSignal): Promise<string> {
    if (this.#token !== undefined && this.now() < this.#token.goodUntilMs) {
      return Promise.resolve(this.#token.value);
    }
    this.#fetching ??= this.#fetch(signal).finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  /** Forgets a token that was refused. True when it was the one in use, or another is there already. */
  drop(value: string | undefined): boolean {
    if (value === undefined) return false;
    if (this.#token?.value === value) this.#token = undefined;
    return true;
  }

  async #fetch(signal: AbortSignal): Promise<string> {
    const { token, expiresInSeconds } = await this.fetch(signal);
    const life = expiresInSeconds === undefined ? Number.POSITIVE_INFINITY : expiresInSeconds * 1000;
    this.#token = { value: token, goodUntilMs: this.now() + life - Math.min(EARLY_MS, life / 10) };
    if (life === Number.POSITIVE_INFINITY) this.#token = { value: token, goodUntilMs: life };
    return token;
  }
}
