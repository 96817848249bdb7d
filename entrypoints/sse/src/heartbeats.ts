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

class Place<Client> implements Heartbeat {
  lastPart: number;
  /** Where it waits until its time may be; undefined once it is stopped. */
  slot: Set<Place<Client>> | undefined;

  constructor(
    readonly client: Client,
    /** How many parts of silence it is left: each client another number, or all would beat at once after each message. */
    readonly patience: number,
    private readonly wheel: Heartbeats<Client>,
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
export class Heartbeats<Client> {
  /** The parts of an interval that have gone by. */
  part = 0;
  #clients = 0;
  /** Each is made when a client is put into it: most entrypoints of many definitions have none. */
  readonly #due: (Set<Place<Client>> | undefined)[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param beat sends a client a heartbeat; must not throw */
  constructor(
    private readonly intervalMs: number,
    private readonly beat: (client: Client) => void,
  ) {}

  add(client: Client): Heartbeat {
    // The part in which something is sent counts as a whole one.
    const soonest = Math.ceil(PARTS * SOONEST) + 1;
    const patience = soonest + Math.floor(Math.random() * (PARTS - soonest));
    const place = new Place(client, patience, this);
    this.#clients++;
    this.#put(place, this.part + patience);
    this.#timer ??= setInterval(() => this.#turn(), this.intervalMs / PARTS);
    return place;
  }

  /** Called by the heartbeat that is stopped. */
  remove(place: Place<Client>): void {
    if (place.slot === undefined) return;
    place.slot.delete(place);
    place.slot = undefined;
    if (--this.#clients > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #turn(): void {
    this.part++;
    const now = this.#due[this.part % PARTS];
    if (now === undefined) return;
    // Patience is less than a round: none comes back into the set that is gone through.
    for (const place of now) {
      if (this.part - place.lastPart >= place.patience) {
        this.beat(place.client);
        place.lastPart = this.part;
      }
      // Stopped by its own beat.
      if (place.slot === undefined) continue;
      now.delete(place);
      this.#put(place, place.lastPart + place.patience);
    }
  }

  #put(place: Place<Client>, part: number): void {
    const slot = this.#due[part % PARTS] ?? new Set<Place<Client>>();
    this.#due[part % PARTS] = slot;
    slot.add(place);
    place.slot = slot;
  }
}
