import { type Claim, Shares, shareExhausted } from '../contract/share/shares.js';

/** What clients read at a time: streams, sockets and pages. Each client has a share; all together are bounded by connections. */
export class StreamShares {
  readonly #shares: Shares;

  /** @param perClient 1 or more */
  constructor(private readonly perClient: number) {
    this.#shares = new Shares(() => ({ all: Number.POSITIVE_INFINITY, client: perClient }));
  }

  /**
   * One is opened. Returns the call that says it is closed, to be made once.
   * @throws SluiceError `CLIENT_SHARE_EXHAUSTED`
   */
  open(claim: Claim): () => void {
    if (this.#shares.full(claim) !== undefined)
      throw shareExhausted('streams', this.perClient, RETRY_SECONDS);
    this.#shares.add(claim);
    return () => this.#shares.remove(claim);
  }
}

/** Streams end when they like: who asks again soon costs little. */
const RETRY_SECONDS = 5;
