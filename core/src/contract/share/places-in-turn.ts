import type { SluiceError } from '../errors.js';

/** How many places there are, and who may wait for one. */
export interface TurnsOptions {
  readonly places: number;
  /** How many of them one client may hold. */
  readonly share: number;
  /** How many may wait, of all clients. */
  readonly waiting: number;
  /**
   * Who has no room in the line is told this.
   * @param over `client`: it has more waiting than anybody else; `all`: the line is full of others
   * @param waiting how many of its own wait
   */
  readonly refusal: (over: 'client' | 'all', waiting: number) => SluiceError;
}

interface Waiter {
  readonly come: () => void;
  readonly refuse: (error: SluiceError) => void;
}

/**
 * Places that clients wait for. One that is free goes to the client that holds fewest, of equals to whose turn it is, and never
 * to one that holds its share: who comes waits for one turn of each other client, however many of theirs wait. When the line is full, the client that has most in it makes room for one that has fewer.
 */
export class PlacesInTurn {
  readonly #held = new Map<string, number>();
  /** In the order of their turns. */
  readonly #lines = new Map<string, Waiter[]>();
  #running = 0;
  #waiting = 0;

  constructor(private readonly options: TurnsOptions) {}

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** What the next of a client has to wait for: its own share, or any place; undefined when there is one. */
  full(client: string): 'client' | 'all' | undefined {
    if (this.#heldBy(client) >= this.options.share) return 'client';
    return this.#running >= this.options.places ? 'all' : undefined;
  }

  /**
   * Resolves with the function that gives the place back, which may be called twice, or undefined when the signal came first.
   * @throws SluiceError the `refusal`, also later, when the client has to make room in the line
   */
  async take(client: string, signal: AbortSignal): Promise<(() => void) | undefined> {
    if (signal.aborted) return undefined;
    if (this.full(client) === undefined) this.#begin(client);
    else {
      this.#makeRoom(client);
      if (!(await this.#turn(client, signal))) return undefined;
    }
    let held = true;
    return () => {
      if (held) this.#end(client);
      held = false;
    };
  }

  #heldBy(client: string): number {
    return this.#held.get(client) ?? 0;
  }

  #begin(client: string): void {
    this.#running++;
    this.#held.set(client, this.#heldBy(client) + 1);
  }

  /** A place goes to the next in line itself: who comes meanwhile cannot overtake. */
  #end(client: string): void {
    this.#running--;
    const left = this.#heldBy(client) - 1;
    if (left === 0) this.#held.delete(client);
    else this.#held.set(client, left);
    const next = this.#next();
    if (next === undefined) return;
    const line = this.#lines.get(next) ?? [];
    const [waiter] = line;
    if (waiter === undefined) return;
    this.#leave(next, waiter);
    // Behind all others from now on.
    if (this.#lines.delete(next)) this.#lines.set(next, line);
    this.#begin(next);
    waiter.come();
  }

  #next(): string | undefined {
    let found: string | undefined;
    let fewest = this.options.share;
    for (const client of this.#lines.keys()) {
      const held = this.#heldBy(client);
      if (held < fewest) [found, fewest] = [client, held];
    }
    return found;
  }

  /** @throws SluiceError the `refusal` */
  #makeRoom(client: string): void {
    if (this.#waiting < this.options.waiting) return;
    const own = this.#lines.get(client)?.length ?? 0;
    let greediest = client;
    let most = own;
    for (const [other, { length }] of this.#lines) {
      if (length > most) [greediest, most] = [other, length];
    }
    if (greediest === client && own > 1) throw this.options.refusal('client', own);
    const last = this.#lines.get(greediest)?.at(-1);
    // Who would have as many as the other is no better off by right.
    if (most <= own + 1 || last === undefined) throw this.options.refusal('all', own);
    this.#leave(greediest, last);
    last.refuse(this.options.refusal('client', most));
  }

  #leave(client: string, waiter: Waiter): boolean {
    const line = this.#lines.get(client);
    const at = line?.indexOf(waiter) ?? -1;
    if (line === undefined || at < 0) return false;
    line.splice(at, 1);
    if (line.length === 0) this.#lines.delete(client);
    this.#waiting--;
    return true;
  }

  /** Whether its turn came before the signal. */
  #turn(client: string, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        if (this.#leave(client, waiter)) resolve(false);
      };
      const done = (then: () => void) => {
        signal.removeEventListener('abort', leave);
        then();
      };
      const waiter: Waiter = {
        come: () => done(() => resolve(true)),
        refuse: (error) => done(() => reject(error)),
      };
      const line = this.#lines.get(client);
      if (line === undefined) this.#lines.set(client, [waiter]);
      else line.push(waiter);
      this.#waiting++;
      signal.addEventListener('abort', leave, { once: true });
    });
  }
}
