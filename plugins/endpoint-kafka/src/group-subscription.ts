import {
  type Delivery,
  type GapNotice,
  type Qos,
  SluiceError,
  type SubscribeRequest,
  type Subscription,
} from '@sluice/core';
import type { Position } from './consumer-listener.js';
import { formatCursor } from './cursor.js';
import { DeliveryBatch } from './delivery-batch.js';
import type { Lane, LaneOwner } from './lane.js';
import type { PartitionTable, Progress } from './partition-table.js';
import type { ReaderParts } from './reader-parts.js';
import type { RecordMessage } from './record.js';
import { replay } from './replay.js';
import { WakeUp } from './signal.js';

const MAX_BATCH = 500;
const MAX_BATCH_BYTES = 256 * 1024;

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
  /** Resolves once this member has been given its partitions for the first time, or has failed. */
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
  readonly #wakeUp = new WakeUp();
  readonly #closing = new AbortController();
  readonly #gaps: GapNotice[] = [];
  readonly #encode: boolean | 'none';
  /** Slots whose place the client's own cursor still decides. */
  readonly #byCursor: Set<number>;
  /** Lanes that wait for a replay, with the offset it must reach. */
  readonly #behind = new Map<Lane, number>();
  #progress: number[];
  #closed: Promise<void> | undefined;
  #unsettled = 0;

  constructor(
    private readonly reader: GroupSource,
    private readonly request: SubscribeRequest,
    progress: Progress,
    byCursor: Set<number>,
    private readonly onClose: () => void,
  ) {
    this.#progress = [...progress];
    this.#byCursor = byCursor;
    this.#encode = reader.identity.qos === 'balanced' ? 'none' : reader.encode;
    this.startCursor =
      this.#encode === 'none' ? null : formatCursor(reader.table, this.#progress, this.#encode);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Delivery[], void, void> {
    while (!this.#closing.signal.aborted) {
      for (const gap of this.#gaps.splice(0)) this.request.onGap?.(gap);
      if (this.reader.failure !== undefined) throw this.reader.failure;
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
    const next = lane.next;
    const wanted = (this.#progress[lane.slot] ?? -1) + 1;
    if (this.#byCursor.delete(lane.slot)) {
      if (wanted < next) this.#behind.set(lane, next);
      else {
        lane.skipTo(wanted);
        // A paused lane that is left with nothing would have nobody to wake it.
        this.reader.resumeIfLow(lane);
      }
    } else {
      this.#progress[lane.slot] = next - 1;
    }
    this.wake();
  }

  /** The reader takes a lane away, or the group has. */
  lost(lane: Lane): void {
    this.lanes.delete(lane);
    this.#behind.delete(lane);
    lane.owner = undefined;
    this.wake();
  }

  get ready(): Promise<void> {
    return this.reader.joined;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  #close(): Promise<void> {
    this.#closing.abort();
    this.wake();
    this.onClose();
    // The same client's next subscription may be made on another gateway.
    return this.reader.commitSettled();
  }

  async #take(): Promise<DeliveryBatch | undefined> {
    const room = Math.min(this.request.maxInFlight - this.#unsettled, MAX_BATCH);
    if (room <= 0) return undefined;
    const ready = [...this.lanes].filter((lane) => lane.queue.length > 0);
    if (ready.length === 0) return undefined;
    const share = Math.max(1, Math.floor(room / ready.length));
    const bytes = Math.floor(MAX_BATCH_BYTES / ready.length);
    const taken = ready.slice(0, room).map((lane) => ({ lane, records: lane.take(share, bytes) }));
    for (const { lane } of taken) this.reader.resumeIfLow(lane);
    if (this.reader.identity.qos === 'at-most-once') await this.#recordFirst(taken);
    const records = taken.flatMap((part) => (part.lane.live ? part.records : []));
    return records.length === 0 ? undefined : this.#deliver(records);
  }

  /**
   * At most once: what is handed out is recorded before. When it cannot be known whether it was, nothing is handed
   * out: these records may be lost when this process dies, but they do not come twice.
   */
  async #recordFirst(taken: readonly { lane: Lane; records: readonly RecordMessage[] }[]): Promise<void> {
    const positions = taken.map(({ lane }) => ({
      topic: lane.topic,
      partition: lane.partition,
      offset: lane.next,
    }));
    try {
      await this.reader.commit(positions);
    } catch (error) {
      for (const { lane, records } of taken) lane.putBack(records);
      throw new SluiceError('ENDPOINT_UNAVAILABLE', { cause: error });
    }
  }

  #deliver(records: readonly RecordMessage[]): DeliveryBatch {
    this.#unsettled += records.length;
    const lanes = new Map([...this.lanes].map((lane) => [lane.slot, lane]));
    const { table } = this.reader;
    const laneOf = ({ topic, partition }: RecordMessage) => lanes.get(table.add(topic, partition));
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
        // Who has lost the lane has nothing left to settle: its records are handed to the next owner.
        ack: (record) => {
          const lane = laneOf(record);
          if (lane?.owner === this) lane.ack(record);
          settled();
        },
        nack: (record) => {
          const lane = laneOf(record);
          if (lane?.owner === this) lane.nack(record);
          settled();
        },
        // Under the other levels it is recorded already, so nobody else will get it.
        stale: (record) => {
          const lane = laneOf(record);
          return this.reader.identity.qos === 'at-least-once' && (lane?.owner !== this || !lane.live);
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
    const options = { slots: [...targets.keys()], signal: this.#closing.signal };
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
