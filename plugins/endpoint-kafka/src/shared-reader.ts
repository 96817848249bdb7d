import type { GapNotice, SluiceError, SubscribeRequest } from '@sluice/core';
import type { Watermarks } from './cluster.js';
import { Consumer } from './consumer.js';
import type { Position, Restart } from './consumer-listener.js';
import { renewConsumers } from './consumer-renewal.js';
import { type CursorEntry, parseCursor } from './cursor.js';
import { DeliveryBatch } from './delivery-batch.js';
import { keyOf, PartitionTable, type Progress, reaches } from './partition-table.js';
import type { ReadRequest } from './read-request.js';
import { watchReading } from './read-watchdog.js';
import type { ReaderParts } from './reader-parts.js';
import type { RecordMessage } from './record.js';
import { RecordQueue } from './record-queue.js';
import { Ring } from './ring.js';
import { type RingSource, SharedSubscription } from './shared-subscription.js';
import { allWatermarks, givenCursor, positionsSince, progressOf, resetPosition } from './start-position.js';
import { sumByTopic } from './telemetry/lag.js';
import { hasPattern, namesOf, partitionsOf } from './topic-set.js';

const RING_BYTES = 16 * 1024 * 1024;
const QUEUED_KBYTES = 16 * 1024;
/** A batch is one write to every client: large enough to be cheap, small enough for a slow client to hold one. */
const MAX_BATCH_RECORDS = 500;
const MAX_BATCH_BYTES = 256 * 1024;
/** How much goes into the ring before every stream has had its turn. */
const TURN_BYTES = 2 * 1024 * 1024;
/** What has arrived and not had its turn; at either bound the consumer is paused. */
const INBOX = { maxRecords: 50_000, maxBytes: 8 * 1024 * 1024 };
/** How often the cluster is asked for partitions that are new; sooner while a topic does not exist yet. */
const NEW_PARTITIONS_MS = { exists: 30_000, missing: 1000, pattern: 5000 };

/** Where a stream begins. */
interface SharedStart {
  readonly progress: Progress;
  /** By slot, the next offset that was to be written; undefined unless it was asked for. */
  readonly ends?: readonly number[];
}

/**
 * The one consumer of all streams without a group on a set of topics, and the ring of what it read last. It never
 * waits for a client: who falls behind the ring reads on with a consumer of its own until it meets it again.
 */
export class SharedReader implements RingSource {
  readonly table: PartitionTable;
  readonly #subscriptions = new Set<SharedSubscription>();
  /** Those of them that wait for the end of what is stored. */
  readonly #toEnd = new Set<SharedSubscription>();
  /** By slot, up to where the consumer has read: behind the last record there may be markers. */
  readonly #readTo: number[] = [];
  #consumer: Consumer | undefined;
  readonly #inbox = new RecordQueue(INBOX);
  #paused = false;
  #turning = false;
  #ring = new Ring(RING_BYTES, []);
  #timer: NodeJS.Timeout | undefined;
  #failure: SluiceError | undefined;
  #closed = false;
  #endRenewal = () => {};
  #endWatch = () => {};
  /** How many partitions the consumer has been given. */
  #assigned = 0;

  private constructor(
    readonly parts: ReaderParts,
    readonly topics: readonly string[],
  ) {
    this.table = new PartitionTable(namesOf(topics));
  }

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

  /** Records that it has not read yet, by topic. */
  lag(): ReadonlyMap<string, number> {
    const head = this.#ring.head;
    return sumByTopic(
      this.table.partitions.map((partition, slot) => {
        const next = Math.max((head[slot] ?? -1) + 1, this.#readTo[slot] ?? 0);
        return { topic: partition.topic, lag: (this.#consumer?.offsets.knownEnd(partition) ?? next) - next };
      }),
    );
  }

  /** @throws SluiceError `INVALID_CURSOR`, `CURSOR_EXPIRED`, `NO_INITIAL_OFFSET`, `ENDPOINT_UNAVAILABLE` */
  async subscribe(request: ReadRequest): Promise<SharedSubscription> {
    const { progress, ends } = await this.#start(request);
    const subscription = new SharedSubscription(
      this,
      progress,
      request.onGap,
      this.#left,
      request.client,
      ends,
    );
    this.#subscriptions.add(subscription);
    if (ends !== undefined) this.#toEnd.add(subscription);
    return subscription;
  }

  /** Up to where a stream at the head of the ring has everything, by slot: the next offset. */
  readTo(slot: number): number {
    return this.#inbox.length > 0 ? 0 : (this.#readTo[slot] ?? 0);
  }

  readonly #left = (subscription: SharedSubscription): void => {
    this.#subscriptions.delete(subscription);
    this.#toEnd.delete(subscription);
  };

  /** Ends every stream, then the consumer. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#endRenewal();
    this.#endWatch();
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    await this.#consumer?.close();
  }

  async #open(): Promise<void> {
    for (const { topic, partition } of await partitionsOf(this.parts.cluster, this.topics))
      this.table.add(topic, partition);
    const marks = await allWatermarks(this.parts.cluster, this.table);
    this.#ring = new Ring(
      RING_BYTES,
      marks.map(({ high }) => high - 1),
    );
    await this.#openConsumer();
    this.#watchPartitions();
    this.#endRenewal = renewConsumers(
      this.parts,
      () => this.#consumer,
      () => this.#renew(),
    );
    this.#endWatch = watchReading(this.parts, {
      expected: () => this.#expected(),
      renew: () => this.#renew(),
    });
  }

  async #renew(): Promise<void> {
    const before = this.#consumer;
    await this.#openConsumer();
    await before?.close();
  }

  /** The partitions that there is room for, each with the offset that is read next. */
  #expected(): readonly Position[] {
    if (this.#paused) return [];
    return this.table.partitions.flatMap((partition) => {
      const offset = this.#consumer?.placeOf(partition);
      return offset === undefined ? [] : [{ ...partition, offset }];
    });
  }

  /** Takes over from the consumer there is, where that has come to. */
  async #openConsumer(): Promise<void> {
    const { log } = this.parts;
    let active: Consumer | undefined;
    const listener = {
      onRecords: (records: readonly RecordMessage[]) => {
        if (this.#consumer === active) this.#onRecords(records);
      },
      onEnd: (end: Position) => {
        if (this.#consumer === active) this.#onEnd(end);
      },
      onGap: (gap: GapNotice) => {
        log.warn({ ...gap }, 'retention was faster than the shared reader');
        for (const subscription of this.#subscriptions) subscription.tell(gap);
      },
      onRestart: (restart: Restart) => this.#restart(restart),
      onFatal: (error: SluiceError) => this.#fail(error),
    };
    const consumer = await Consumer.open(this.parts, listener, { queuedKbytes: QUEUED_KBYTES });
    if (this.#closed) await consumer.close();
    // What the one before still hands over from here on is not listened to.
    active = consumer;
    this.#consumer = consumer;
    this.#assign();
  }

  #assign(): void {
    // What has arrived must not be read again.
    this.#intoRing(Number.POSITIVE_INFINITY);
    const head = this.#ring.head;
    this.#assigned = this.table.size;
    this.#consumer?.assign(
      this.table.partitions.map((partition, slot) => ({ ...partition, offset: (head[slot] ?? -1) + 1 })),
    );
    // What is assigned is not paused.
    this.#paused = false;
  }

  #onEnd(end: Position): void {
    this.#readTo[this.table.add(end.topic, end.partition)] = end.offset;
    for (const subscription of this.#toEnd) subscription.wake();
  }

  #onRecords(records: readonly RecordMessage[]): void {
    this.#inbox.push(records);
    if (this.#inbox.full && !this.#paused) {
      this.#paused = true;
      this.#consumer?.pause(this.table.partitions);
    }
    if (this.#turning) return;
    this.#turning = true;
    this.#turn();
  }

  /**
   * Puts a part of what has arrived into the ring, then lets the streams take it before the next part: a burst that
   * went in at once would push out of the ring what nobody has had the chance to take.
   */
  #turn(): void {
    this.#intoRing(TURN_BYTES);
    if (this.#paused && this.#inbox.low) {
      this.#paused = false;
      this.#consumer?.resume(this.table.partitions);
    }
    for (const subscription of this.#subscriptions) subscription.wake();
    this.#turning = this.#inbox.length > 0;
    if (this.#turning) setImmediate(() => this.#turn());
  }

  #intoRing(maxBytes: number): void {
    let bytes = 0;
    while (bytes < maxBytes && this.#inbox.length > 0) {
      const records = this.#inbox.take(MAX_BATCH_RECORDS, MAX_BATCH_BYTES);
      const batch = new DeliveryBatch(this.table, this.#ring.head, records, { encode: this.encode });
      this.#ring.push(batch);
      bytes += batch.bytes;
    }
  }

  /** Progress that a new subscription starts from, and the ends of partitions now where it asks for them. */
  async #start({ cursor, since, onGap, toEnd }: SubscribeRequest): Promise<SharedStart> {
    const { autoOffsetReset: reset } = this.parts.shared.consumer;
    const parsed = cursor === undefined ? undefined : parseCursor(cursor, this.encode);
    if (parsed !== undefined && !this.#names(parsed.entries)) await this.#addPartitions();
    const given = parsed && givenCursor(this.table, namesOf(this.topics), parsed);
    if (given === undefined && since === undefined && reset === 'latest') {
      return { progress: this.#ring.head, ...(toEnd === true ? { ends: [] } : {}) };
    }
    if (given?.slots.size === this.table.size && toEnd !== true) {
      const progress = this.table.partitions.map((_, slot) => given.slots.get(slot) ?? -1);
      // Between the ring and what has been read: nothing to ask the cluster for.
      if (this.#ring.covers(progress) && reaches(this.#ring.head, progress)) return { progress };
    }
    const marks = await allWatermarks(this.parts.cluster, this.table);
    const ends = toEnd === true ? { ends: marks.map(({ high }) => high) } : {};
    if (given === undefined && since !== undefined) {
      const { bootstrapServers } = this.parts.config;
      return {
        progress: await positionsSince(this.#consumer, bootstrapServers, this.table, marks, since),
        ...ends,
      };
    }
    const { head } = this.#ring;
    const otherwise = (slot: number, mark: Watermarks) =>
      reset === 'latest' ? (head[slot] ?? -1) : resetPosition(reset, mark);
    if (given === undefined) {
      return { progress: marks.map((mark, slot) => otherwise(slot, mark)), ...ends };
    }
    const options = { reset, otherwise, onGap: onGap ?? (() => {}) };
    return { progress: progressOf(given, this.table, marks, options), ...ends };
  }

  /** Whether all that a cursor names is known here: another gateway may have seen a new partition first. */
  #names(entries: readonly CursorEntry[]): boolean {
    return entries.every(({ topic, partition }) => this.table.slot(topic, partition) !== undefined);
  }

  #watchPartitions(): void {
    const found = (topic: string) => this.table.partitions.some((partition) => partition.topic === topic);
    const { exists, missing, pattern } = NEW_PARTITIONS_MS;
    const listed = this.topics.every(found) ? exists : missing;
    const delay = hasPattern(this.topics) ? pattern : listed;
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
    for (const { topic, partition } of await partitionsOf(this.parts.cluster, this.topics)) {
      const known = this.table.size;
      const slot = this.table.add(topic, partition);
      if (slot >= known) this.#ring.extend(slot, -1);
    }
    // Also what an earlier look had found before it failed.
    if (this.table.size > this.#assigned && !this.#closed) this.#assign();
  }

  /** What the ring holds of the old log is forgotten; every stream goes on at the beginning of the new one. */
  #restart(restart: Restart): void {
    this.#intoRing(Number.POSITIVE_INFINITY);
    const { offset, expected } = restart;
    const slot = this.table.add(restart.topic, restart.partition);
    const head = [...this.#ring.head];
    head[slot] = offset - 1;
    this.#readTo[slot] = offset;
    this.#ring = new Ring(RING_BYTES, head);
    const gap = { key: 'CURSOR_EXPIRED', source: keyOf(restart), from: expected, to: offset } as const;
    this.parts.log.warn(gap, 'a partition begins anew: its topic was made again, or its end was cut off');
    for (const subscription of this.#subscriptions) {
      subscription.restart(slot, offset - 1);
      subscription.tell(gap);
      subscription.wake();
    }
  }

  #fail(error: SluiceError): void {
    this.#failure = error;
    for (const subscription of this.#subscriptions) subscription.wake();
  }
}
