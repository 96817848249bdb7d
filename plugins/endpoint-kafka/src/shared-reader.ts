import type { GapNotice, SluiceError, SubscribeRequest } from '@sluice/core';
import { Consumer } from './consumer.js';
import { parseCursor } from './cursor.js';
import { DeliveryBatch } from './delivery-batch.js';
import { PartitionTable, type Progress, reaches } from './partition-table.js';
import type { ReaderParts } from './reader-parts.js';
import type { RecordMessage } from './record.js';
import { Ring } from './ring.js';
import { type RingSource, SharedSubscription } from './shared-subscription.js';
import { allWatermarks, checkedPosition, cursorSlots, resetPosition } from './start-position.js';

const RING_BYTES = 16 * 1024 * 1024;
const QUEUED_KBYTES = 16 * 1024;
/** A batch is one write to every client: large enough to be cheap, small enough for a slow client to hold one. */
const MAX_BATCH_RECORDS = 500;
const MAX_BATCH_BYTES = 256 * 1024;
/** How often the cluster is asked for partitions that are new; sooner while a topic does not exist yet. */
const NEW_PARTITIONS_MS = { exists: 30_000, missing: 1000 };

/**
 * The one consumer of all streams without a group on a set of topics, and the ring of what it read last. It never
 * waits for a client: who falls behind the ring reads on with a consumer of its own until it meets it again.
 */
export class SharedReader implements RingSource {
  readonly table = new PartitionTable();
  readonly #subscriptions = new Set<SharedSubscription>();
  #consumer: Consumer | undefined;
  #ring = new Ring(RING_BYTES, []);
  #timer: NodeJS.Timeout | undefined;
  #failure: SluiceError | undefined;
  #closed = false;

  private constructor(
    readonly parts: ReaderParts,
    private readonly topics: readonly string[],
  ) {}

  /** Starts at the end of every partition. @throws SluiceError `ENDPOINT_UNAVAILABLE`, `SUBSCRIBE_FAILED` */
  static async open(parts: ReaderParts, topics: readonly string[]): Promise<SharedReader> {
    const reader = new SharedReader(parts, topics);
    try {
      await reader.#open();
      return reader;
    } catch (error) {
      await reader.close();
      throw error;
    }
  }

  get ring(): Ring {
    return this.#ring;
  }

  /** Why this reader can read no more; undefined while it can. */
  get failure(): SluiceError | undefined {
    return this.#failure;
  }

  get subscriptions(): number {
    return this.#subscriptions.size;
  }

  get encode(): boolean {
    return this.parts.shared.consumer.encodeMessageId;
  }

  /** @throws SluiceError `INVALID_CURSOR`, `CURSOR_EXPIRED`, `NO_INITIAL_OFFSET`, `ENDPOINT_UNAVAILABLE` */
  async subscribe(request: SubscribeRequest): Promise<SharedSubscription> {
    const start = await this.#start(request);
    const subscription = new SharedSubscription(this, start, request.onGap, () => {
      this.#subscriptions.delete(subscription);
    });
    this.#subscriptions.add(subscription);
    return subscription;
  }

  /** Ends every stream, then the consumer. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    await this.#consumer?.close();
  }

  async #open(): Promise<void> {
    for (const topic of this.topics) {
      for (const partition of await this.parts.cluster.partitions(topic)) this.table.add(topic, partition);
    }
    const marks = await allWatermarks(this.parts.cluster, this.table);
    this.#ring = new Ring(
      RING_BYTES,
      marks.map(({ high }) => high - 1),
    );
    const { config, shared, log } = this.parts;
    const listener = {
      onRecords: (records: readonly RecordMessage[]) => this.#onRecords(records),
      onEnd: () => {},
      onGap: (gap: GapNotice) => {
        log.warn({ ...gap }, 'retention was faster than the shared reader');
        for (const subscription of this.#subscriptions) subscription.tell(gap);
      },
      onFatal: (error: SluiceError) => this.#fail(error),
    };
    this.#consumer = await Consumer.open(config, shared, listener, log, { queuedKbytes: QUEUED_KBYTES });
    this.#assign();
    this.#watchPartitions();
  }

  #assign(): void {
    const head = this.#ring.head;
    this.#consumer?.assign(
      this.table.partitions.map((partition, slot) => ({ ...partition, offset: (head[slot] ?? -1) + 1 })),
    );
  }

  #onRecords(records: readonly RecordMessage[]): void {
    let from = 0;
    let bytes = 0;
    for (let index = 0; index < records.length; index++) {
      bytes += (records[index] as RecordMessage).bytes;
      const full = index - from + 1 >= MAX_BATCH_RECORDS || bytes >= MAX_BATCH_BYTES;
      if (!full && index + 1 < records.length) continue;
      const slice = records.slice(from, index + 1);
      this.#ring.push(new DeliveryBatch(this.table, this.#ring.head, slice, { encode: this.encode }));
      from = index + 1;
      bytes = 0;
    }
    for (const subscription of this.#subscriptions) subscription.wake();
  }

  /** Progress that a new subscription starts from. */
  async #start({ cursor, onGap }: SubscribeRequest): Promise<Progress> {
    const { autoOffsetReset } = this.parts.shared.consumer;
    const given =
      cursor === undefined ? undefined : cursorSlots(this.table, parseCursor(cursor, this.encode));
    const head = this.#ring.head;
    const reset = (slot: number, marks: { low: number; high: number }) =>
      autoOffsetReset === 'latest' ? (head[slot] ?? -1) : resetPosition(autoOffsetReset, marks);
    if (given === undefined && autoOffsetReset === 'latest') return head;
    if (given?.size === this.table.size) {
      const progress = this.table.partitions.map((_, slot) => given.get(slot) ?? -1);
      // Between the ring and what has been read: nothing to ask the cluster for.
      if (this.#ring.covers(progress) && reaches(head, progress)) return progress;
    }
    const marks = await allWatermarks(this.parts.cluster, this.table);
    return marks.map((mark, slot) => {
      const last = given?.get(slot);
      if (last === undefined) return reset(slot, mark);
      const partition = this.table.at(slot);
      return checkedPosition(partition, last, mark, autoOffsetReset, onGap ?? (() => {}));
    });
  }

  #watchPartitions(): void {
    const found = (topic: string) => this.table.partitions.some((partition) => partition.topic === topic);
    const delay = this.topics.every(found) ? NEW_PARTITIONS_MS.exists : NEW_PARTITIONS_MS.missing;
    this.#timer = setTimeout(async () => {
      try {
        await this.#addPartitions();
      } catch (error) {
        this.parts.log.debug({ err: error }, 'new partitions could not be looked for');
      }
      if (!this.#closed) this.#watchPartitions();
    }, delay);
  }

  /** A partition found later is new, so its first record is one that every stream has still to get. */
  async #addPartitions(): Promise<void> {
    const before = this.table.size;
    for (const topic of this.topics) {
      for (const partition of await this.parts.cluster.partitions(topic)) {
        const slot = this.table.add(topic, partition);
        if (slot >= before) this.#ring.extend(slot, -1);
      }
    }
    if (this.table.size > before && !this.#closed) this.#assign();
  }

  #fail(error: SluiceError): void {
    this.#failure = error;
    for (const subscription of this.#subscriptions) subscription.wake();
  }
}
