import { type GapNotice, type Logger, type MessagingTelemetry, SluiceError } from '@sluice/core';
import Kafka from 'node-rdkafka';
import { CONNECT_TIMEOUT_MS, consumerProperties } from './client-config.js';
import { nativeCall } from './native-calls.js';
import type { TopicPartition } from './partition-table.js';
import { Place } from './place.js';
import { CODE, codeOf } from './rdkafka-errors.js';
import type { ReaderParts } from './reader-parts.js';
import { type RecordForm, RecordMessage } from './record.js';
import { countConsumed } from './telemetry/count-topics.js';

/** A partition and the next offset to read, or to record. */
export interface Position extends TopicPartition {
  readonly offset: number;
}

/** Where a log begins anew (`offset`), and the offset that was expected next (`expected`). */
export interface Restart extends Position {
  readonly expected: number;
}

/** What a consumer tells its owner, from the event loop, in order within a partition. */
export interface ConsumerListener {
  /** At least one record; all that arrived in one turn of the event loop. */
  onRecords(records: readonly RecordMessage[]): void;
  /** A partition has been read up to this next offset, which may lie behind its last record (markers, compaction). */
  onEnd(position: Position): void;
  /** Records were gone before they were read: retention was faster. Called before the records that follow. */
  onGap(gap: GapNotice): void;
  /**
   * A partition's log begins anew at an offset that was read already: its topic was deleted and made again, or its end
   * was cut off. Called before the records that follow.
   */
  onRestart?(restart: Restart): void;
  /**
   * The group's coordinator gives or takes partitions; answer with `assign` or `unassign`, or with `add` or `remove`
   * where it does so one by one.
   */
  onRebalance?(kind: 'assign' | 'revoke', partitions: readonly TopicPartition[]): void;
  /** A permission is missing or the client is beyond repair: nothing more will come. */
  onFatal(error: SluiceError): void;
}

type OnRecord = (error: unknown, record: Kafka.Message) => void;

/** The consume thread looks for the end this often: `close` waits for it on the event loop. */
const CONSUME_WAIT_MS = 20;
const QUERY_TIMEOUT_MS = 5000;
/** For those who collect metrics, who wait a second. */
const ENDS_TIMEOUT_MS = 900;
/** What Kafka takes for the end of a partition, in place of a time. */
const END = -1;
const CLOSE_TIMEOUT_MS = 5000;
const LEAVE_TIMEOUT_MS = 3000;
const FATAL_CODES: readonly number[] = [
  CODE.FATAL,
  CODE.TOPIC_AUTHORIZATION_FAILED,
  CODE.GROUP_AUTHORIZATION_FAILED,
];

/** One Kafka consumer in flowing mode: about five threads. Positions are explicit, offsets are recorded on demand. */
export class Consumer {
  #pending: (RecordMessage | Position)[] = [];
  #flushing = false;
  #places = new Map<string, Place>();
  #commits: ((error: unknown) => void)[] = [];
  #closed: Promise<void> | undefined;
  /** Of a group: it has been joined, partitions are held, and what to do when they have been given back. */
  #member = false;
  #holds = false;
  #givenBack = () => {};

  private constructor(
    private readonly client: Kafka.KafkaConsumer,
    private readonly listener: ConsumerListener,
    private readonly log: Logger,
    private readonly messaging: MessagingTelemetry,
    form: RecordForm,
    /** Whether its certificates have been replaced: it would connect with the old ones for ever. */
    readonly isOutdated: () => boolean,
  ) {
    client.on('partition.eof', (end) => this.#add(end as Position));
    (client as unknown as NodeJS.EventEmitter).on('warning', (error) => this.#onWarning(error));
    client.on('event.error', (error) => log.debug({ err: error }, 'kafka consumer'));
    client.on('offset.commit', (error) => this.#commits.shift()?.(error));
    client.on('rebalance', (error, partitions) => {
      const kind = codeOf(error) === CODE.ASSIGN_PARTITIONS ? 'assign' : 'revoke';
      listener.onRebalance?.(kind, partitions as TopicPartition[]);
    });
    // The declarations know only the form that fetches a number of records.
    const consume = client.consume.bind(client) as unknown as (each: OnRecord) => void;
    consume((error, record) => {
      if (error === null || error === undefined) this.#add(new RecordMessage(record, form));
    });
  }

  /**
   * Connects.
   * @param options.groupId absent for a reader that belongs to no group
   * @throws SluiceError `ENDPOINT_UNAVAILABLE`
   */
  static async open(
    { config, shared, security, log, messaging, statistics }: Omit<ReaderParts, 'cluster' | 'replays'>,
    listener: ConsumerListener,
    options: { readonly groupId?: string; readonly queuedKbytes: number },
  ): Promise<Consumer> {
    const properties = propertiesNow(security);
    const { global, topic } = consumerProperties(
      config,
      shared,
      properties,
      options.groupId,
      options.queuedKbytes,
    );
    const callbacks = {
      offset_commit_cb: true,
      // Node-rdkafka's own handler would assign at once; ours resolves the positions first.
      ...(options.groupId === undefined ? {} : { rebalance_cb: () => {} }),
    };
    const client = new Kafka.KafkaConsumer({ ...global, ...callbacks } as Kafka.ConsumerGlobalConfig, topic);
    statistics.follow(client);
    client.setDefaultConsumeTimeout(CONSUME_WAIT_MS);
    client.setDefaultConsumeLoopTimeoutDelay(0);
    try {
      await security.attach(client);
      await nativeCall((done) =>
        client.connect({ allTopics: false, timeout: CONNECT_TIMEOUT_MS } as Kafka.MetadataOptions, done),
      );
    } catch (error) {
      security.forget(client);
      throw new SluiceError('ENDPOINT_UNAVAILABLE', { cause: error });
    }
    client.on('disconnected', () => security.forget(client));
    const isOutdated = () => security.haveChanged(properties);
    return new Consumer(client, listener, log, messaging, shared.consumer, isOutdated);
  }

  /** Joins the group; `onRebalance` follows. */
  subscribe(topics: readonly string[]): void {
    this.#member = true;
    this.client.subscribe([...topics]);
  }

  /** Whether the group gives and takes partitions one by one: then `add` and `remove` answer a rebalance. */
  get isIncremental(): boolean {
    return this.client.rebalanceProtocol() === 'COOPERATIVE';
  }

  /** Reads these partitions too. */
  add(positions: readonly Position[]): void {
    for (const position of positions) this.#places.set(keyOf(position), new Place(position.offset, false));
    this.#holds = this.#places.size > 0;
    this.client.incrementalAssign(positions.map((position) => ({ ...position })));
  }

  /** Reads these partitions no more. */
  remove(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#places.delete(keyOf(partition));
    this.client.incrementalUnassign(partitions.map(({ topic, partition }) => ({ topic, partition })));
    this.#holds = this.#places.size > 0;
    if (!this.#holds) this.#givenBack();
  }

  /** Reads these partitions from these offsets, and no others. */
  assign(positions: readonly Position[]): void {
    const before = this.#places;
    this.#holds = true;
    this.#places = new Map(
      positions.map((position) => {
        const key = keyOf(position);
        return [key, new Place(position.offset, before.has(key))];
      }),
    );
    this.client.assign(positions.map((position) => ({ ...position })));
  }

  unassign(): void {
    this.#places.clear();
    this.#holds = false;
    this.client.unassign();
    this.#givenBack();
  }

  /** Once closed, `pause` and `resume` do nothing: a reader may still be handing out what it has. */
  pause(partitions: readonly TopicPartition[]): void {
    if (this.#closed !== undefined) return;
    this.client.pause(partitions.map(({ topic, partition }) => ({ topic, partition })));
  }

  resume(partitions: readonly TopicPartition[]): void {
    if (this.#closed !== undefined) return;
    this.client.resume(partitions.map(({ topic, partition }) => ({ topic, partition })));
  }

  /** The offsets the group has recorded; a partition without one is left out. @throws SluiceError `ENDPOINT_UNAVAILABLE` */
  async committed(partitions: readonly TopicPartition[], timeoutMs: number): Promise<readonly Position[]> {
    if (partitions.length === 0) return [];
    try {
      const found = await nativeCall<Kafka.TopicPartitionOffset[]>((done) =>
        this.client.committed(
          partitions.map((partition) => ({ ...partition })),
          timeoutMs,
          done,
        ),
      );
      return found.filter(({ offset }) => typeof offset === 'number' && offset >= 0);
    } catch (error) {
      throw new SluiceError('ENDPOINT_UNAVAILABLE', { cause: error });
    }
  }

  /**
   * The first record of each partition that is stored at a time or later, milliseconds since the epoch; a partition
   * without one is left out. The producer's client has no such call. @throws SluiceError `ENDPOINT_UNAVAILABLE`
   */
  async firstSince(partitions: readonly TopicPartition[], since: number): Promise<readonly Position[]> {
    // Kafka takes -1 and -2 for the end and the beginning.
    return await this.#offsets(partitions, Math.max(0, Math.floor(since)), QUERY_TIMEOUT_MS);
  }

  /** The next offset of a partition to be written, as of the last fetch; undefined before the first. */
  knownEnd({ topic, partition }: TopicPartition): number | undefined {
    if (this.#closed !== undefined) return undefined;
    try {
      const { highOffset } = this.client.getWatermarkOffsets(topic, partition);
      return highOffset >= 0 ? highOffset : undefined;
    } catch {
      // librdkafka does not know the partition yet.
      return undefined;
    }
  }

  /** The next offsets to be written, asked of the brokers. @throws SluiceError `ENDPOINT_UNAVAILABLE` */
  async ends(partitions: readonly TopicPartition[]): Promise<readonly Position[]> {
    return await this.#offsets(partitions, END, ENDS_TIMEOUT_MS);
  }

  /**
   * Records the next offsets of the group. Call it again only when it has settled: reports come in the order of
   * the calls. Rejects when the broker refuses, or does not answer in time and it may or may not be recorded.
   */
  commit(positions: readonly Position[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error: unknown) => {
        clearTimeout(timer);
        if (error === null || error === undefined) resolve();
        else reject(error instanceof Error ? error : new Error(String(error)));
      };
      const timer = setTimeout(() => settle(new Error('the commit was not answered')), QUERY_TIMEOUT_MS);
      this.#commits.push(settle);
      try {
        this.client.commit(positions.map((position) => ({ ...position })));
      } catch (error) {
        this.#commits = this.#commits.filter((waiting) => waiting !== settle);
        settle(error);
      }
    });
  }

  /** Leaves the group and disconnects, within a time limit. Safe to call twice. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#pending = [];
    try {
      await this.#leaveGroup();
      this.client.unassign();
    } catch (error) {
      // librdkafka has ended the client by itself: there is nothing left to give back.
      this.log.debug({ err: error }, 'a kafka consumer was gone before it was closed');
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.log.warn({}, 'a kafka consumer did not disconnect in time');
        resolve();
      }, CLOSE_TIMEOUT_MS);
    });
    // Whoever closes can do nothing about a failure, and may not be waiting for it.
    const disconnected = nativeCall((done) => this.client.disconnect(done), { releases: true }).then(
      () => {},
      (error: unknown) => this.log.warn({ err: error }, 'a kafka consumer did not disconnect cleanly'),
    );
    await Promise.race([disconnected, late]);
    clearTimeout(timer);
  }

  /** librdkafka's own closing never ends while a group's assignment is open, and nobody would answer it then. */
  async #leaveGroup(): Promise<void> {
    if (!this.#member) return;
    const givenBack = new Promise<void>((resolve) => {
      this.#givenBack = resolve;
    });
    this.client.unsubscribe();
    if (!this.#holds) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LEAVE_TIMEOUT_MS);
    });
    await Promise.race([givenBack, late]);
    clearTimeout(timer);
  }

  async #offsets(
    partitions: readonly TopicPartition[],
    offset: number,
    timeoutMs: number,
  ): Promise<readonly Position[]> {
    if (partitions.length === 0) return [];
    try {
      const found = await nativeCall<Kafka.TopicPartitionOffset[]>((done) =>
        this.client.offsetsForTimes(
          partitions.map(({ topic, partition }) => ({ topic, partition, offset })),
          timeoutMs,
          done,
        ),
      );
      return found.filter((each) => typeof each.offset === 'number' && each.offset >= 0);
    } catch (error) {
      throw new SluiceError('ENDPOINT_UNAVAILABLE', { cause: error });
    }
  }

  #add(item: RecordMessage | Position): void {
    this.#pending.push(item);
    if (this.#flushing) return;
    this.#flushing = true;
    // node runs microtasks after every native callback: only the check phase sees all records of one wake-up.
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#closed !== undefined) return;
    const items = this.#pending;
    this.#pending = [];
    let records: RecordMessage[] = [];
    const handOver = () => {
      if (records.length === 0) return;
      countConsumed(this.messaging, records);
      this.listener.onRecords(records);
      records = [];
    };
    for (const item of items) {
      const place = this.#places.get(keyOf(item));
      // Fetched before an assignment was taken away or changed.
      if (place === undefined) continue;
      const { offset } = item;
      if (!(item instanceof RecordMessage)) {
        handOver();
        if (offset > place.next) place.next = offset;
        this.listener.onEnd(item);
        continue;
      }
      if (offset < place.next) {
        const { topic, partition } = item;
        const end = () => this.client.getWatermarkOffsets(topic, partition).highOffset;
        if (!place.restartsAt(offset, end)) continue;
        handOver();
        this.listener.onRestart?.({ topic, partition, offset, expected: place.next });
      } else if (offset > place.next) {
        const gap = this.#gapBefore(item, place.next);
        if (gap !== undefined) {
          handOver();
          this.listener.onGap(gap);
        }
      }
      place.reach(offset);
      records.push(item);
    }
    handOver();
  }

  /** Offsets also jump over markers and compacted records: it is a gap when the log now begins behind the old place. */
  #gapBefore(record: RecordMessage, next: number): GapNotice | undefined {
    const { topic, partition, offset } = record;
    const { lowOffset } = this.client.getWatermarkOffsets(topic, partition);
    if (lowOffset <= next) return undefined;
    return { key: 'CURSOR_EXPIRED', source: keyOf(record), from: next, to: Math.min(lowOffset, offset) };
  }

  #onWarning(error: unknown): void {
    const code = codeOf(error);
    if (code !== undefined && FATAL_CODES.includes(code)) {
      this.listener.onFatal(new SluiceError('SUBSCRIBE_FAILED', { cause: error }));
      return;
    }
    this.log.warn({ err: error }, 'a kafka consumer reported an error and goes on');
  }
}

function propertiesNow(security: ReaderParts['security']) {
  try {
    return security.properties();
  } catch (error) {
    throw new SluiceError('ENDPOINT_UNAVAILABLE', { cause: error });
  }
}

/** `topic@partition`, the name of a partition in maps and notices. */
export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}@${partition}`;
}
