/** One client's place among those that are sent something when it has been quiet. */
export interface Heartbeat {
  /** Something was sent. Costs nothing worth counting: it is called for each batch. */
  sent(): void;
  stop(): void;
}

/** A client's silence is counted in these parts of the interval. */
const PARTS = 50;
/** The least part of the interval after which a heartbeat may come. */
const SOONEST = 0.75;

class Client implements Heartbeat {
  lastPart: number;

  constructor(
    readonly beat: () => void,
    /** How many parts of silence it is left: each client another number, or all would beat at once after each message. */
    readonly patience: number,
    private readonly wheel: Heartbeats,
  ) {
    this.lastPart = wheel.part;
  }

  sent(): void {
    this.lastPart = this.wheel.part;
  }

  stop(): void {
    this.wheel.remove(this);
  }
}

/**
 * Heartbeats of many clients by one timer: it goes round in parts of the interval and sees only those whose time it may be. A
 * client's heartbeat comes when nothing was sent to it for the interval, or up to a quarter less, so that they are spread.
 */
export class Heartbeats {
  /** The parts of an interval that have gone by. */
  part = 0;
  /** Each is made when a client is put into it: most entrypoints of many definitions have none. */
  readonly #due: (Set<Client> | undefined)[] = [];
  readonly #slots = new Map<Client, Set<Client>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly intervalMs: number) {}

  /** @param beat sends a heartbeat; must not throw */
  add(beat: () => void): Heartbeat {
    // The part in which something is sent counts as a whole one.
    const soonest = Math.ceil(PARTS * SOONEST) + 1;
    const patience = soonest + Math.floor(Math.random() * (PARTS - soonest));
    const client = new Client(beat, patience, this);
    this.#put(client, this.part + patience);
    this.#timer ??= setInterval(() => this.#turn(), this.intervalMs / PARTS);
    return client;
  }

  /** Called by the heartbeat that is stopped. */
  remove(client: Client): void {
    this.#slots.get(client)?.delete(client);
    this.#slots.delete(client);
    if (this.#slots.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #turn(): void {
    this.part++;
    const now = this.#due[this.part % PARTS];
    if (now === undefined) return;
    for (const client of [...now]) {
      // Stopped by one that came before it.
      if (!this.#slots.has(client)) continue;
      if (this.part - client.lastPart >= client.patience) {
        client.beat();
        client.lastPart = this.part;
      }
      now.delete(client);
      this.#put(client, client.lastPart + client.patience);
    }
  }

  #put(client: Client, part: number): void {
    const slot = this.#due[part % PARTS] ?? new Set<Client>();
    this.#due[part % PARTS] = slot;
    slot.add(client);
    this.#slots.set(client, slot);
  }
}
