import type { RecordMessage } from './record.js';

interface Tracked {
  readonly record: RecordMessage;
  settled: boolean;
}

/**
 * What was handed out of one partition and in which order, and how far the oldest unsettled lies. It counts records,
 * not offsets: those have gaps, and a tracker that waited for each number would stall for good.
 */
export class OffsetTracker {
  #tracked: Tracked[] = [];
  #byOffset = new Map<number, Tracked>();
  #head = 0;
  #committable: number | undefined;

  /** The next offset to record: everything before it is settled; undefined while nothing is. */
  get committable(): number | undefined {
    return this.#committable;
  }

  /** How many are handed out and not settled, or settled behind one that is not. */
  get pending(): number {
    return this.#tracked.length - this.#head;
  }

  /** Records are handed out in ascending order of their offsets. */
  track(record: RecordMessage): void {
    const tracked = { record, settled: false };
    this.#tracked.push(tracked);
    this.#byOffset.set(record.offset, tracked);
  }

  /** Settles one. False when it is not tracked (any more). */
  settle(record: RecordMessage): boolean {
    const tracked = this.#byOffset.get(record.offset);
    if (tracked === undefined || tracked.record !== record || tracked.settled) return false;
    tracked.settled = true;
    while (this.#tracked[this.#head]?.settled === true) {
      const done = this.#tracked[this.#head] as Tracked;
      this.#committable = done.record.offset + 1;
      this.#byOffset.delete(done.record.offset);
      this.#head++;
    }
    if (this.#head > 1024 && this.#head * 2 > this.#tracked.length) {
      this.#tracked = this.#tracked.slice(this.#head);
      this.#head = 0;
    }
    return true;
  }

  /** Marks everything before an offset as settled from outside, while nothing is pending. */
  skipTo(next: number): void {
    if (this.pending === 0) this.#committable = Math.max(this.#committable ?? -1, next);
  }

  /** Settles everything before an offset: somebody else has settled it. */
  settleBelow(next: number): void {
    for (const { record, settled } of this.#tracked.slice(this.#head)) {
      if (record.offset >= next) break;
      if (!settled) this.settle(record);
    }
    if ((this.#tracked[this.#head]?.record.offset ?? next) >= next)
      this.#committable = Math.max(this.#committable ?? -1, next);
  }

  /** Whether a record was handed out and is not settled. */
  awaits(record: RecordMessage): boolean {
    const tracked = this.#byOffset.get(record.offset);
    return tracked !== undefined && tracked.record === record && !tracked.settled;
  }

  /** Everything that progress has not passed, in order, settled or not. It stays tracked. */
  get unpassed(): readonly RecordMessage[] {
    return this.#tracked.slice(this.#head).map(({ record }) => record);
  }

  /** Stops tracking the record at an offset and all after it, and returns them in order, settled or not. */
  rewind(offset: number): readonly RecordMessage[] {
    const index = this.#tracked.findIndex(
      (tracked, at) => at >= this.#head && tracked.record.offset >= offset,
    );
    if (index < 0) return [];
    const taken = this.#tracked.splice(index).map(({ record }) => record);
    for (const record of taken) this.#byOffset.delete(record.offset);
    return taken;
  }
}
