import { type GapNotice, type Origin, SluiceError } from '@sluice/core';
import { Consumer } from './consumer.js';
import type { Position, Restart } from './consumer-listener.js';
import { renewConsumers } from './consumer-renewal.js';
import { Gate } from './gate.js';
import { GroupOffsets, settledOf } from './group-offsets.js';
import { GroupPlaces } from './group-places.js';
import { groupStart } from './group-start.js';
import {
  type GroupIdentity,
  type GroupSource,
  type GroupStart,
  GroupSubscription,
} from './group-subscription.js';
import { Lane } from './lane.js';
import { keyOf, PartitionTable, type TopicPartition } from './partition-table.js';
import type { ReadRequest } from './read-request.js';
import { watchReading } from './read-watchdog.js';
import type { ReaderParts } from './reader-parts.js';
import type { RecordMessage } from './record.js';
import { spreadLanes } from './spread-lanes.js';
import { lagOf } from './telemetry/lag.js';
import { hasPattern, namesOf, partitionsOf } from './topic-set.js';

const QUEUED_KBYTES = 4096;
/** How often a pattern is compared with the topics there are. */
const NEW_TOPICS_MS = 5000;
const REFRESH_TIMEOUT_MS = 500;

/** How a group is told in metrics. */
export interface ToldGroup {
  /** Its name, unless a client has a say in it. */
  readonly label: string | undefined;
  readonly origin: Origin;
}

/**
 * A member of a consumer group, shared by this process's connections of that group: each partition it is given is a
 * lane, and lanes are spread over the connections.
 */
export class GroupReader implements GroupSource {
  readonly table: PartitionTable;
  readonly #lanes = new Map<string, Lane>();
  readonly #subscriptions = new Set<GroupSubscription>();
  readonly #offsets: GroupOffsets;
  readonly #places: GroupPlaces;
  #consumer: Consumer | undefined;
  #failure: SluiceError | undefined;
  /** One by one: each decision is carried out before the next. */
  #rebalanced: Promise<void> = Promise.resolve();
  /** Counts the coordinator's decisions, so that a late answer to an older one is dropped. */
  #generation = 0;
  #commitTimer: NodeJS.Timeout | undefined;
  /** How many topics of a pattern have been subscribed to. */
  #subscribed = 0;
  #topicTimer: NodeJS.Timeout | undefined;
  #closed = false;
  #endRenewal = () => {};
  #endWatch = () => {};
  /** Open while partitions are given to this member, or it is known that none will be. */
  readonly #joined = new Gate();

  private constructor(
    readonly parts: ReaderParts,
    readonly identity: GroupIdentity,
    private readonly told: ToldGroup & { readonly takenAt?: number | undefined },
  ) {
    this.table = new PartitionTable(namesOf(identity.topics));
    this.#offsets = new GroupOffsets({
      messaging: parts.messaging,
      log: parts.log,
      origin: told.origin,
      ofConsumer: () => this.#required().offsets,
      lanes: () => this.#lanes.values(),
    });
    this.#places = new GroupPlaces({
      reader: parts,
      identity,
      table: this.table,
      offsets: this.#offsets,
      ofConsumer: () => this.#required().offsets,
      takenAt: told.takenAt,
    });
  }

  /**
   * Connects, records where the group begins in partitions that it has no position in, and asks to join; partitions come
   * later.
   * @throws SluiceError `ENDPOINT_UNAVAILABLE`
   */
  static async open(
    parts: ReaderParts,
    identity: GroupIdentity,
    told: ToldGroup & { readonly takenAt?: number | undefined },
  ): Promise<GroupReader> {
    const reader = new GroupReader(parts, identity, told);
    try {
      await reader.#open();
      return reader;
    } catch (error) {
      await reader.close();
      throw error;
    }
  }

  get failure(): SluiceError | undefined {
    return this.#failure;
  }

  get subscriptions(): number {
    return this.#subscriptions.size;
  }

  get joined(): Promise<void> {
    return this.#joined.opened;
  }

  get label(): string | undefined {
    return this.told.label;
  }

  /** Records behind what is recorded, by topic, of the partitions it was given. @throws SluiceError `ENDPOINT_UNAVAILABLE` */
  async lag(): Promise<ReadonlyMap<string, number>> {
    const positions = [...this.#lanes.values()].map((lane) => ({
      topic: lane.topic,
      partition: lane.partition,
      offset: this.#offsets.of(lane) ?? lane.next,
      paused: lane.paused,
    }));
    return await lagOf(this.#required(), positions);
  }

  get encode(): boolean {
    return this.parts.shared.consumer.encodeMessageId;
  }

  /**
   * Adds a connection. Its progress over all partitions is its cursor where it gives one, else what the group has
   * recorded, else the reset position.
   * @throws SluiceError `INVALID_CURSOR`, `CURSOR_EXPIRED`, `NO_INITIAL_OFFSET`, `ENDPOINT_UNAVAILABLE`
   */
  async subscribe(request: ReadRequest): Promise<GroupSubscription> {
    const start = await this.#startOf(request);
    const subscription = new GroupSubscription(this, request, start, () => this.#leave(subscription));
    this.#subscriptions.add(subscription);
    this.#spread();
    return subscription;
  }

  async #startOf(request: ReadRequest): Promise<GroupStart> {
    await this.#findPartitions();
    // Where what is known already will do: a group that rebalances does not answer.
    await this.#offsets.read(this.table.partitions, REFRESH_TIMEOUT_MS).catch(() => {});
    const { parts: reader, identity, table, encode } = this;
    const placeOf = (partition: TopicPartition) => this.#places.of(partition);
    return await groupStart(request, { reader, identity, table, encode, consumer: this.#consumer, placeOf });
  }

  /** Called by a subscription that took records, so that a paused lane may go on. */
  resumeIfLow(lane: Lane): void {
    if (!lane.live || !lane.paused || !lane.queue.low) return;
    lane.paused = false;
    this.#required().resume([lane]);
  }

  /** Records positions now. Rejects when they are not, or may not be, recorded. */
  commit(positions: readonly Position[]): Promise<void> {
    return this.#offsets.commit(positions);
  }

  commitSettled(): Promise<void> {
    return this.#offsets.commitSettled();
  }

  /** Records what is settled, leaves the group, ends its streams. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#commitTimer);
    clearTimeout(this.#topicTimer);
    this.#endRenewal();
    this.#endWatch();
    this.#joined.open();
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    await this.#offsets.commitSettledNow();
    await this.#consumer?.close();
    this.#places.close();
  }

  #required(): Consumer {
    if (this.#consumer === undefined) throw new Error('the group reader is not open');
    return this.#consumer;
  }

  async #open(): Promise<void> {
    await this.#openConsumer();
    // Before joining: the broker answers nothing else on this connection while a join waits for dead members.
    await this.#findPartitions();
    await this.#places.open();
    this.#subscribe();
    if (hasPattern(this.identity.topics)) this.#watchTopics();
    const interval = this.parts.shared.consumer.commitIntervalMs;
    this.#commitTimer = setInterval(() => void this.#offsets.commitSettledNow(), interval);
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

  /** One after the other: a static member is not there twice. */
  async #renew(): Promise<void> {
    await this.#offsets.commitSettledNow();
    await this.#consumer?.close();
    // Whatever became of the one before: its partitions are given out anew.
    this.#joined.close();
    this.#lose([...this.#lanes.values()]);
    await this.#openConsumer();
    this.#subscribed = 0;
    this.#subscribe();
  }

  /** The partitions that there is room for, each with the offset that is read next. */
  #expected(): readonly Position[] {
    return [...this.#lanes.values()].flatMap((lane) => {
      const offset = lane.paused ? undefined : this.#consumer?.placeOf(lane);
      return offset === undefined ? [] : [{ topic: lane.topic, partition: lane.partition, offset }];
    });
  }

  async #openConsumer(): Promise<void> {
    const listener = {
      onRecords: (records: readonly RecordMessage[]) => this.#onRecords(records),
      onEnd: (end: Position) => this.#onEnd(end),
      onGap: (gap: GapNotice) => this.#lanes.get(gap.source)?.owner?.tell(gap),
      onRestart: (restart: Restart) => this.#restart(restart),
      onRebalance: (kind: 'assign' | 'revoke', partitions: readonly TopicPartition[]) => {
        this.#rebalance(kind, partitions).catch((error: unknown) => this.#fail(SluiceError.from(error)));
      },
      onFatal: (error: SluiceError) => this.#fail(error),
    };
    const { groupId } = this.identity;
    this.#consumer = await Consumer.open(this.parts, listener, { groupId, queuedKbytes: QUEUED_KBYTES });
    if (this.#closed) await this.#consumer.close();
  }

  /** Asks the group for the topics there are; those that a pattern comes to match later change the membership. */
  #subscribe(): void {
    const { topics } = this.identity;
    if (!hasPattern(topics)) {
      this.#required().subscribe(topics);
      return;
    }
    const names = new Set(this.table.partitions.map(({ topic }) => topic));
    if (names.size === this.#subscribed) return;
    this.#subscribed = names.size;
    this.#required().subscribe([...names]);
  }

  #watchTopics(): void {
    // Nothing to join for yet: nobody should wait for it.
    if (this.#subscribed === 0) this.#joined.open();
    this.#topicTimer = setTimeout(async () => {
      try {
        await this.#findPartitions();
        if (!this.#closed) this.#subscribe();
      } catch (error) {
        this.parts.log.debug({ err: error }, 'new topics could not be looked for');
      }
      if (!this.#closed) this.#watchTopics();
    }, NEW_TOPICS_MS);
  }

  async #findPartitions(): Promise<void> {
    const before = this.table.size;
    for (const { topic, partition } of await partitionsOf(this.parts.cluster, this.identity.topics))
      this.table.add(topic, partition);
    // Of topics that do not exist the group gives nothing: nobody should wait for it.
    if (this.table.size === 0) this.#joined.open();
    else if (before === 0 && this.#lanes.size === 0) this.#joined.close();
  }

  /** What is taken away all at once is void from then on; what is taken one by one waits for what was given before. */
  #rebalance(kind: 'assign' | 'revoke', partitions: readonly TopicPartition[]): Promise<void> {
    if (!this.#required().isIncremental) {
      this.#generation++;
      return kind === 'assign' ? this.#assign(partitions) : this.#revoke([...this.#lanes.values()]);
    }
    this.#rebalanced = this.#rebalanced.then(() => {
      if (kind === 'assign') return this.#assign(partitions);
      const lanes = partitions.map((partition) => this.#lanes.get(keyOf(partition)));
      return this.#revoke(lanes.filter((lane) => lane !== undefined));
    });
    return this.#rebalanced;
  }

  /** Takes what the group gives, from the recorded offsets on. */
  async #assign(partitions: readonly TopicPartition[]): Promise<void> {
    const generation = this.#generation;
    try {
      const positions = await this.#places.resume(partitions);
      // Taken away again meanwhile.
      if (generation !== this.#generation) return;
      for (const { topic, partition, offset, isMadeAgain } of positions) {
        const slot = this.table.add(topic, partition);
        const redelivers = this.identity.qos === 'at-least-once';
        const lane = new Lane(topic, partition, slot, offset, redelivers, this.table.size);
        this.#lanes.set(keyOf(lane), lane);
        if (isMadeAgain === true) for (const each of this.#subscriptions) each.restarted(slot);
      }
      const consumer = this.#required();
      if (consumer.isIncremental) consumer.add(positions);
      else consumer.assign(positions);
      this.#spread();
      for (const { gap } of positions) {
        if (gap !== undefined) this.#lanes.get(gap.source)?.owner?.tell(gap);
      }
      this.#joined.open();
    } catch (error) {
      this.#fail(SluiceError.from(error));
    }
  }

  /** Gives lanes back: what is settled is recorded first, what comes later is void. */
  async #revoke(lanes: readonly Lane[]): Promise<void> {
    const settled = settledOf(lanes);
    this.#lose(lanes);
    await this.#offsets.commitLast(settled);
    const consumer = this.#required();
    if (consumer.isIncremental) consumer.remove(lanes);
    else {
      if (!this.#closed) this.#joined.close();
      consumer.unassign();
    }
    this.#spread();
  }

  #lose(lanes: readonly Lane[]): void {
    for (const lane of lanes) {
      this.#lanes.delete(keyOf(lane));
      lane.live = false;
      lane.owner?.lost(lane);
    }
  }

  /** What is left of the old log is dropped, and its acknowledgements are void. */
  #restart({ topic, partition, offset, expected }: Restart): void {
    const key = keyOf({ topic, partition });
    const old = this.#lanes.get(key);
    if (old === undefined) return;
    const { owner } = old;
    old.live = false;
    owner?.lost(old);
    for (const subscription of this.#subscriptions) subscription.restarted(old.slot);
    this.#offsets.forget(old);
    const redelivers = this.identity.qos === 'at-least-once';
    const lane = new Lane(topic, partition, old.slot, offset, redelivers, this.table.size);
    this.#lanes.set(key, lane);
    if (old.paused) this.#required().resume([lane]);
    const gap = { key: 'CURSOR_EXPIRED', source: key, from: expected, to: offset } as const;
    this.parts.log.warn(gap, 'a partition begins anew: its topic was made again, or its end was cut off');
    owner?.tell(gap);
    this.#spread();
  }

  #onRecords(records: readonly RecordMessage[]): void {
    const touched = new Set<Lane>();
    for (const record of records) {
      const lane = this.#lanes.get(keyOf(record));
      if (lane === undefined || record.offset < lane.next) continue;
      lane.push(record);
      touched.add(lane);
    }
    for (const lane of touched) {
      if (lane.queue.full && !lane.paused) {
        lane.paused = true;
        this.#required().pause([lane]);
      }
      lane.owner?.wake();
    }
  }

  /** What lies between the last record and the end is no record: it counts as read. */
  #onEnd(end: Position): void {
    const lane = this.#lanes.get(keyOf(end));
    lane?.reachEnd(end.offset);
    lane?.owner?.wake();
  }

  #spread(): void {
    spreadLanes(this.#lanes.values(), [...this.#subscriptions]);
  }

  #leave(subscription: GroupSubscription): void {
    this.#subscriptions.delete(subscription);
    for (const lane of subscription.lanes) {
      subscription.lost(lane);
      lane.release();
    }
    this.#spread();
  }

  #fail(error: SluiceError): void {
    this.#failure = error;
    this.#joined.open();
    for (const subscription of this.#subscriptions) subscription.wake();
  }
}
