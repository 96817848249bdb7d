import { type Delivery, type GapNotice, type Qos, SluiceError, type Subscription } from '@sluice/core';
import { CaughtUp } from './caught-up.js';
import type { Position } from './consumer-listener.js';
import { formatCursor } from './cursor.js';
import { DeliveryBatch } from './delivery-batch.js';
import type { Handout } from './handout.js';
import type { Lane, LaneOwner } from './lane.js';
import type { PartitionTable, Progress } from './partition-table.js';
import { isRebalance } from './rdkafka-errors.js';
import type { ReadRequest } from './read-request.js';
import type { ReaderParts } from './reader-parts.js';
import type { RecordMessage } from './record.js';
import { replay } from './replay.js';
import { WakeUp } from './signal.js';

const MAX_BATCH = 500;
const MAX_BATCH_BYTES = 256 * 1024;

/** Where a connection of a group begins, by slot of the reader's table. */
export interface GroupStart {
  /** The last offset that its client has. */
  readonly progress: Progress;
  /** The slots in which that is the client's own cursor, which wins over what the group has recorded. */
  readonly byCursor: Iterable<number>;
  /** The next offset that was to be written. */
  readonly ends: readonly number[];
}

/** Which group, and how it records. */
export interface GroupIdentity {
  readonly topics: readonly string[];
  readonly groupId: string;
  readonly qos: Exclude<Qos, 'none'>;
}

/** The reader, as a connection on it sees it. */
export interface GroupSource {
  readonly identity: GroupIdentity;
  readonly table: PartitionTable;
  readonly parts: ReaderParts;
  /** Whether cursors are base64. */
  readonly encode: boolean;
  /** Why nothing more will come; undefined while all is well. */
  readonly failure: SluiceError | undefined;
  /** Lets a paused lane go on when enough was taken from it. */
  resumeIfLow(lane: Lane): void;
  /** Records positions now. Rejects when they are not, or may not be, recorded. */
  commit(positions: readonly Position[]): Promise<void>;
  /** Resolves once this member has been given its partitions, or has failed. */
  readonly joined: Promise<void>;
  /** Records what is settled now. Never rejects: what could not be recorded is with the next. */
  commitSettled(): Promise<void>;
}

/**
 * One connection of a group: it owns some of its reader's lanes. A client that came with a cursor gets, for each
 * lane it is given first, what lies between its cursor and the group's place, by a replay; then the lane itself.
 */
export class GroupSubscription implements Subscription, LaneOwner {
  readonly startCursor: string | null;
  readonly lanes = new Set<Lane>();
  readonly #laneAt = new Map<number, Lane>();
  readonly #wakeUp = new WakeUp();
  readonly #closing = new AbortController();
  readonly #gaps: GapNotice[] = [];
  readonly #encode: boolean | 'none';
  /** What it was handed of each partition it has ever owned, by slot. */
  readonly #handouts = new Map<number, Handout>();
  /** Slots whose place the client's own cursor still decides. */
  readonly #byCursor: Set<number>;
  readonly #caughtUp: CaughtUp;
  /** Lanes that wait for a replay, with the offset it must reach. */
  readonly #behind = new Map<Lane, number>();
  #progress: number[];
  #closed: Promise<void> | undefined;
  #unsettled = 0;

  constructor(
    private readonly reader: GroupSource,
    private readonly request: ReadRequest,
    { progress, byCursor, ends }: GroupStart,
    private readonly onClose: () => void,
  ) {
    this.#progress = [...progress];
    this.#byCursor = new Set(byCursor);
    this.#caughtUp = new CaughtUp(() => this.#isBehind(ends));
    this.#encode = reader.identity.qos === 'balanced' ? 'none' : reader.encode;
    this.startCursor =
      this.#encode === 'none' ? null : formatCursor(reader.table, this.#progress, this.#encode);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Delivery[], void, void> {
    while (!this.#closing.signal.aborted) {
      for (const gap of this.#gaps.splice(0)) this.request.onGap?.(gap);
      if (this.reader.failure !== undefined) throw this.reader.failure;
      this.#caughtUp.check();
      if (this.#behind.size > 0) {
        yield* this.#replay();
        continue;
      }
      const batch = await this.#take();
      if (batch !== undefined) yield batch.deliveries;
      else await this.#wakeUp.wait();
    }
  }

  wake(): void {
    this.#wakeUp.wake();
  }

  tell(gap: GapNotice): void {
    this.#gaps.push(gap);
    this.wake();
  }

  /** The reader gives it a lane. */
  grant(lane: Lane): void {
    lane.owner = this;
    this.lanes.add(lane);
    this.#laneAt.set(lane.slot, lane);
    const before = this.#handouts.get(lane.slot);
    // A client that has more than the group had recorded must not be given it again.
    if (before !== undefined) lane.adopt(before);
    this.#handouts.set(lane.slot, lane.handout);
    const next = lane.next;
    const wanted = (this.#progress[lane.slot] ?? -1) + 1;
    if (this.#byCursor.delete(lane.slot)) {
      if (wanted < next) this.#behind.set(lane, next);
      else lane.skipTo(wanted);
    } else {
      this.#progress[lane.slot] = next - 1;
    }
    // A paused lane that is left with nothing would have nobody to wake it.
    this.reader.resumeIfLow(lane);
    this.wake();
  }

  /** The reader takes a lane away, or the group has. */
  lost(lane: Lane): void {
    this.lanes.delete(lane);
    if (this.#laneAt.get(lane.slot) === lane) this.#laneAt.delete(lane.slot);
    // What lies between the client's cursor and the lane is still to come.
    if (this.#behind.delete(lane)) this.#byCursor.add(lane.slot);
    lane.owner = undefined;
    this.wake();
  }

  /** The log of a partition begins anew: what was handed out of the old one means nothing any more. */
  restarted(slot: number): void {
    this.#handouts.delete(slot);
    this.#byCursor.delete(slot);
  }

  get ready(): Promise<void> {
    return this.reader.joined;
  }

  get caughtUp(): Promise<void> {
    return this.#caughtUp.promise;
  }

  /** Also over what is no record: markers and aborted ones behind the last. */
  passed(): string | null {
    if (this.#encode === 'none') return null;
    this.#passEnds();
    return formatCursor(this.reader.table, this.#progress, this.#encode);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  #close(): Promise<void> {
    this.#passEnds();
    this.#closing.abort();
    this.wake();
    this.onClose();
    // The same client's next subscription may be made on another gateway.
    return this.reader.commitSettled();
  }

  async #take(): Promise<DeliveryBatch | undefined> {
    const room = Math.min(this.request.maxInFlight - this.#unsettled, MAX_BATCH);
    if (room <= 0) return undefined;
    const ready = [...this.lanes].filter((lane) => lane.queue.length > 0 && !lane.busy);
    if (ready.length === 0) return undefined;
    const share = Math.max(1, Math.floor(room / ready.length));
    const bytes = Math.floor(MAX_BATCH_BYTES / ready.length);
    const taken = ready.slice(0, room).map((lane) => ({ lane, records: lane.take(share, bytes) }));
    for (const { lane } of taken) this.reader.resumeIfLow(lane);
    if (this.reader.identity.qos === 'at-most-once' && !(await this.#recordFirst(taken))) return undefined;
    return this.#deliver(taken.flatMap(({ records }) => records));
  }

  /**
   * At most once: what is handed out is recorded before, and then handed out whoever has the partition now, for nobody
   * else will get it. What is not recorded goes back, if the lane is still there: else its next owner gets it. When it
   * cannot be known whether it was recorded, this process still hands it out at most once.
   * @returns whether it is recorded
   */
  async #recordFirst(taken: readonly { lane: Lane; records: readonly RecordMessage[] }[]): Promise<boolean> {
    const positions = taken.map(({ lane }) => ({
      topic: lane.topic,
      partition: lane.partition,
      offset: lane.next,
    }));
    for (const { lane } of taken) lane.busy = true;
    try {
      await this.reader.commit(positions);
      for (const [index, { lane }] of taken.entries()) lane.recorded(positions[index]?.offset ?? lane.next);
      return true;
    } catch (error) {
      for (const { lane, records } of taken) if (lane.live) lane.putBack(records);
      if (isRebalance(error)) return false;
      throw new SluiceError('ENDPOINT_UNAVAILABLE', { cause: error });
    } finally {
      for (const { lane } of taken) {
        lane.busy = false;
        lane.owner?.wake();
      }
    }
  }

  #isBehind(ends: readonly number[]): boolean {
    if (this.#behind.size > 0) return true;
    return [...this.lanes].some((lane) => lane.queue.length > 0 || lane.next < (ends[lane.slot] ?? 0));
  }

  #passEnds(): void {
    for (const lane of this.lanes) {
      if (this.#behind.has(lane) || lane.queue.length > 0) continue;
      this.#progress[lane.slot] = Math.max(this.#progress[lane.slot] ?? -1, lane.next - 1);
    }
  }

  #deliver(records: readonly RecordMessage[]): DeliveryBatch {
    this.#unsettled += records.length;
    const { table, identity } = this.reader;
    const slotOf = ({ topic, partition }: RecordMessage) => table.add(topic, partition);
    const settled = () => {
      this.#unsettled--;
      this.wake();
    };
    const batch = new DeliveryBatch(
      table,
      this.#progress,
      records,
      { encode: this.#encode },
      {
        // Who has lost the lane still notes what its client has: the lane may come back.
        ack: (record) => {
          const slot = slotOf(record);
          const lane = this.#laneAt.get(slot);
          if (lane === undefined) this.#handouts.get(slot)?.ack(record);
          else lane.ack(record);
          settled();
        },
        nack: (record) => {
          const slot = slotOf(record);
          const lane = this.#laneAt.get(slot);
          if (lane === undefined) this.#handouts.get(slot)?.nack(record);
          else lane.nack(record);
          settled();
        },
        // Under the other levels it is recorded already, so nobody else will get it.
        stale: (record) => {
          const lane = this.#laneAt.get(slotOf(record));
          return identity.qos === 'at-least-once' && lane?.handout.tracker.awaits(record) !== true;
        },
      },
    );
    this.#progress = [...batch.after];
    return batch;
  }

  /** Hands out what lies between the client's cursor and the group's place, for the lanes that wait for it. */
  async *#replay(): AsyncGenerator<readonly Delivery[], void, void> {
    const { parts, table } = this.reader;
    const targets = new Map([...this.#behind].map(([lane, next]) => [lane.slot, next]));
    const { client } = this.request;
    const options = { client, slots: [...targets.keys()], signal: this.#closing.signal };
    for await (const step of replay(parts, table, this.#progress, options)) {
      for (const gap of step.gaps) this.request.onGap?.(gap);
      const records = step.records.filter(
        ({ topic, partition, offset }) => offset < (targets.get(table.add(topic, partition)) ?? 0),
      );
      yield* this.#replayed(records);
      for (const [lane, next] of this.#behind) {
        if ((step.progress[lane.slot] ?? -1) + 1 >= next) {
          this.#progress[lane.slot] = next - 1;
          this.#behind.delete(lane);
        }
      }
      if (![...this.#behind.keys()].some((lane) => targets.has(lane.slot))) return;
    }
  }

  /** Records of a replay, within the bound of what may be unsettled. Settling them records nothing. */
  async *#replayed(records: readonly RecordMessage[]): AsyncGenerator<readonly Delivery[], void, void> {
    const settled = () => {
      this.#unsettled--;
      this.wake();
    };
    for (let from = 0; from < records.length && !this.#closing.signal.aborted; ) {
      const room = this.request.maxInFlight - this.#unsettled;
      if (room <= 0) {
        await this.#wakeUp.wait();
        continue;
      }
      const slice = records.slice(from, from + room);
      from += slice.length;
      this.#unsettled += slice.length;
      const settlement = { ack: settled, nack: settled };
      const batch = new DeliveryBatch(
        this.reader.table,
        this.#progress,
        slice,
        { encode: this.#encode },
        settlement,
      );
      this.#progress = [...batch.after];
      yield batch.deliveries;
    }
  }
}
