import type { GapNotice, SluiceError } from '@sluice/core';
import { Consumer } from './consumer.js';
import type { PartitionTable, Progress } from './partition-table.js';
import type { ReaderParts } from './reader-parts.js';
import type { RecordMessage } from './record.js';
import { RecordQueue } from './record-queue.js';
import { WakeUp } from './signal.js';

const MAX_BATCH = 500;
const BOUNDS = { maxRecords: 2000, maxBytes: 4 * 1024 * 1024 };
const QUEUED_KBYTES = 4096;

/** What one step of a replay brought. */
export interface ReplayStep {
  /** In order within each partition; may be empty when only progress over removed records was made. */
  readonly records: readonly RecordMessage[];
  /** Progress after these records. */
  readonly progress: Progress;
  /** Records that were gone, told before `records` or a little earlier. */
  readonly gaps: readonly GapNotice[];
}

/** A consumer without a group that reads ahead within bounds, and pauses at them. */
export class ReplaySession {
  readonly #queue = new RecordQueue(BOUNDS);
  readonly #ends = new Map<number, number>();
  readonly #wakeUp = new WakeUp();
  #progress: number[];
  /** The last step, which the next to pull may not have got whole. */
  #last: { readonly before: Progress; readonly records: readonly RecordMessage[] };
  #gaps: GapNotice[] = [];
  #failure: SluiceError | undefined;
  #paused = false;
  #consumer: Consumer | undefined;

  private constructor(
    private readonly table: PartitionTable,
    private readonly slots: readonly number[],
    start: Progress,
  ) {
    this.#progress = [...start];
    this.#last = { before: start, records: [] };
  }

  /** Begins to read behind `start`. @throws SluiceError `ENDPOINT_UNAVAILABLE` */
  static async open(
    parts: ReaderParts,
    table: PartitionTable,
    start: Progress,
    slots: readonly number[],
  ): Promise<ReplaySession> {
    const session = new ReplaySession(table, slots, start);
    const listener = {
      onRecords: (records: readonly RecordMessage[]) => session.#onRecords(records),
      onEnd: ({ topic, partition, offset }: { topic: string; partition: number; offset: number }) => {
        const slot = table.slot(topic, partition);
        if (slot !== undefined) session.#ends.set(slot, offset - 1);
        session.#wakeUp.wake();
      },
      onGap: (gap: GapNotice) => session.#gaps.push(gap),
      onFatal: (error: SluiceError) => {
        session.#failure = error;
        session.#wakeUp.wake();
      },
    };
    session.#consumer = await Consumer.open(parts, listener, { queuedKbytes: QUEUED_KBYTES });
    session.#consumer.assign(slots.map((slot) => ({ ...table.at(slot), offset: (start[slot] ?? -1) + 1 })));
    return session;
  }

  /** Whether it can read no more. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /**
   * Continues behind a progress, where that lies at or within the last step: what was taken of it beyond is handed out
   * again. Returns whether it does.
   */
  goTo(progress: Progress): boolean {
    if (this.#agrees(this.#progress, progress)) return true;
    const { before, records } = this.#last;
    const reached = [...before];
    for (let taken = 0; taken <= records.length; taken++) {
      const { topic, partition, offset } = records[taken - 1] ?? {};
      if (topic !== undefined) reached[this.table.add(topic, partition ?? 0)] = offset ?? -1;
      if (!this.#agrees(reached, progress)) continue;
      this.#queue.unshift(records.slice(taken));
      this.#progress = [...progress];
      this.#last = { before: progress, records: [] };
      return true;
    }
    return false;
  }

  /** Takes back the last step: nobody got it. */
  takeBack(): void {
    this.goTo(this.#last.before);
  }

  #agrees(one: Progress, other: Progress): boolean {
    return this.slots.every((slot) => (one[slot] ?? -1) === (other[slot] ?? -1));
  }

  /** Ends a wait for the next step. */
  wake(): void {
    this.#wakeUp.wake();
  }

  /**
   * Waits until something is there, or {@link wake} is called, and takes it.
   * @throws SluiceError `SUBSCRIBE_FAILED`
   */
  async next(): Promise<ReplayStep> {
    if (this.#queue.length === 0 && this.#ends.size === 0 && this.#failure === undefined) {
      await this.#wakeUp.wait();
    }
    if (this.#failure !== undefined) throw this.#failure;
    const records = this.#queue.take(MAX_BATCH);
    this.#last = { before: [...this.#progress], records };
    for (const { topic, partition, offset } of records) {
      this.#progress[this.table.add(topic, partition)] = offset;
    }
    if (this.#paused && this.#queue.low) {
      this.#paused = false;
      this.#consumer?.resume(this.#partitions());
    }
    // The end of a partition was reached behind every record of it, so it counts with all of them handed out.
    if (this.#queue.length === 0) {
      for (const [slot, last] of this.#ends) {
        this.#progress[slot] = Math.max(this.#progress[slot] ?? -1, last);
      }
      this.#ends.clear();
    }
    const gaps = this.#gaps;
    this.#gaps = [];
    return { records, progress: [...this.#progress], gaps };
  }

  async close(): Promise<void> {
    await this.#consumer?.close();
  }

  #onRecords(records: readonly RecordMessage[]): void {
    this.#queue.push(records);
    if (this.#queue.full && !this.#paused) {
      this.#paused = true;
      this.#consumer?.pause(this.#partitions());
    }
    this.#wakeUp.wake();
  }

  #partitions() {
    return this.slots.map((slot) => this.table.at(slot));
  }
}
