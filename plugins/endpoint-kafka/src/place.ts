/** How far a consumer has read one partition. */
export class Place {
  /** The offset that comes next: what lies before it has been handed over. */
  next: number;
  /** The offset that arrived last, also when it was left out. */
  #arrived: number;

  /**
   * @param from where the assignment begins
   * @param repeats whether what was fetched for an assignment before this one may still arrive, and then once more
   */
  constructor(
    private readonly from: number,
    private repeats: boolean,
  ) {
    this.next = from;
    this.#arrived = from - 1;
  }

  /** A record has been handed over. */
  reach(offset: number): void {
    this.#arrived = offset;
    this.next = offset + 1;
  }

  /**
   * Whether a record that lies before `next` is the first of a log that begins anew, and not one that was fetched twice.
   * @param end the next offset that the log will have, as far as the client knows
   */
  restartsAt(offset: number, end: () => number): boolean {
    const goesOn = offset > this.#arrived;
    this.#arrived = offset;
    if (goesOn) return false;
    if (offset < this.from || !this.repeats) return true;
    this.repeats = false;
    return end() < this.next;
  }
}
