import { SluiceError } from '../errors.js';

/** Who takes a place of a bound that clients fill. */
export interface Claim {
  /** The id of the API it comes through. */
  readonly api: string;
  /** {@link ExecutionContext.client}; absent where no client has a say in what is taken. */
  readonly client?: string;
  /** Whether it may take what is kept free; not when absent. */
  readonly reserved?: boolean;
}

/** How many places there are, 1 or more, and how many of them one client and one API may hold. */
export interface ShareLimits {
  readonly all: number;
  readonly client: number;
  /** All of them when absent. */
  readonly api?: number;
  /** How many are kept free of claims that are not `reserved`; none when absent. */
  readonly reserve?: number;
}

/** What keeps a claim from a place: its client's share, its API's, what is not kept free, or all places. */
export type Full = 'client' | 'api' | 'open' | 'all';

/** What is held of one bound, by client and by API. See docs/architecture.md, "Share of a client". */
export class Shares {
  readonly #clients = new Map<string, number>();
  readonly #apis = new Map<string, number>();
  #all = 0;
  #open = 0;

  /** @param limits asked for each claim: they may change, and never take back what is held */
  constructor(private readonly limits: () => ShareLimits) {}

  /** What keeps a claim from a place; undefined when it may have one. */
  full({ api, client, reserved = false }: Claim): Full | undefined {
    const limits = this.limits();
    if (client !== undefined && this.heldBy(client) >= limits.client) return 'client';
    if ((this.#apis.get(api) ?? 0) >= (limits.api ?? Number.POSITIVE_INFINITY)) return 'api';
    const { all, reserve = 0 } = limits;
    if (!reserved && reserve > 0 && this.#open >= all - reserve) return 'open';
    return this.#all >= all ? 'all' : undefined;
  }

  /** Counts a place, also over a share: what is free is asked before. */
  add(claim: Claim): void {
    this.#count(claim, 1);
  }

  /** Counts it no longer. */
  remove(claim: Claim): void {
    this.#count(claim, -1);
  }

  /** How many places a client holds. */
  heldBy(client: string): number {
    return this.#clients.get(client) ?? 0;
  }

  #count({ api, client, reserved = false }: Claim, by: 1 | -1): void {
    this.#all += by;
    if (!reserved) this.#open += by;
    count(this.#apis, api, by);
    if (client !== undefined) count(this.#clients, client, by);
  }
}

/** Names whose count is 0 are forgotten: who has gone costs nothing. */
function count(counts: Map<string, number>, name: string, by: number): void {
  const now = (counts.get(name) ?? 0) + by;
  if (now === 0) counts.delete(name);
  else counts.set(name, now);
}

/**
 * `CLIENT_SHARE_EXHAUSTED`, for who holds its whole share.
 * @param what in the plural, such as `consumers`
 * @param retryAfterSeconds when a place of its own may be free again
 */
export function shareExhausted(what: string, held: number, retryAfterSeconds: number): SluiceError {
  return new SluiceError('CLIENT_SHARE_EXHAUSTED', {
    message: `This client has ${held} ${what}, which is its share`,
    retryAfterSeconds,
  });
}

/** A part of a bound, rounded up, so that it is 1 at least. */
export function partOf(all: number, part: number): number {
  return Math.ceil(all * part);
}
