import { type Logger, SluiceError } from '@sluice/core';
import Kafka from 'node-rdkafka';
import { Arrivals } from './arrivals.js';
import { CONNECT_TIMEOUT_MS, consumerProperties } from './client-config.js';
import type { ConsumerListener, Position } from './consumer-listener.js';
import { ConsumerOffsets } from './consumer-offsets.js';
import { nativeCall } from './native-calls.js';
import { keyOf, type TopicPartition } from './partition-table.js';
import { CODE, codeOf } from './rdkafka-errors.js';
import type { ReaderParts } from './reader-parts.js';
import { type RecordForm, RecordMessage } from './record.js';

type OnRecord = (error: unknown, record: Kafka.Message) => void;

/** The consume thread looks for the end this often: `close` waits for it on the event loop. */
const CONSUME_WAIT_MS = 20;
const CLOSE_TIMEOUT_MS = 5000;
const LEAVE_TIMEOUT_MS = 3000;
const FATAL_CODES: readonly number[] = [
  CODE.FATAL,
  CODE.TOPIC_AUTHORIZATION_FAILED,
  CODE.GROUP_AUTHORIZATION_FAILED,
];

/** One Kafka consumer in flowing mode: about five threads. Positions are explicit, offsets are recorded on demand. */
export class Consumer {
  /** What it asks about offsets, and records. */
  readonly offsets: ConsumerOffsets;
  #closed: Promise<void> | undefined;
  /** Of a group: it has been joined, partitions are held, and what to do when they have been given back. */
  #member = false;
  #holds = false;
  #givenBack = () => {};
  /** Partitions that librdkafka holds paused, also those that are not read now. */
  readonly #paused = new Set<string>();

  private constructor(
    private readonly client: Kafka.KafkaConsumer,
    private readonly listener: ConsumerListener,
    private readonly arrivals: Arrivals,
    private readonly log: Logger,
    form: RecordForm,
    /** Whether its certificates have been replaced: it would connect with the old ones for ever. */
    readonly isOutdated: () => boolean,
  ) {
    this.offsets = new ConsumerOffsets(client);
    client.on('partition.eof', (end) => arrivals.add(end as Position));
    (client as unknown as NodeJS.EventEmitter).on('warning', (error) => this.#onWarning(error));
    client.on('event.error', (error) => log.debug({ err: error }, 'kafka consumer'));
    client.on('rebalance', (error, partitions) => {
      const kind = codeOf(error) === CODE.ASSIGN_PARTITIONS ? 'assign' : 'revoke';
      listener.onRebalance?.(kind, partitions as TopicPartition[]);
    });
    // The declarations know only the form that fetches a number of records.
    const consume = client.consume.bind(client) as unknown as (each: OnRecord) => void;
    consume((error, record) => {
      if (error === null || error === undefined) arrivals.add(new RecordMessage(record, form));
    });
  }

  /**
   * Connects.
   * @param options.groupId absent for a reader that belongs to no group
   * @throws SluiceError `ENDPOINT_UNAVAILABLE`
   */
  static async open(
    {
      config,
      shared,
      security,
      log,
      messaging,
      statistics,
    }: Omit<ReaderParts, 'cluster' | 'replays' | 'missing' | 'stalls'>,
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
    const arrivals = new Arrivals(client, listener, messaging);
    return new Consumer(client, listener, arrivals, log, shared.consumer, isOutdated);
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

  /** Reads these partitions too. None of them is paused. */
  add(positions: readonly Position[]): void {
    this.arrivals.expect(positions);
    this.#holds = this.arrivals.partitions > 0;
    this.client.incrementalAssign(positions.map((position) => ({ ...position })));
    this.#unpause(positions);
  }

  /** Reads these partitions no more. */
  remove(partitions: readonly TopicPartition[]): void {
    this.arrivals.forget(partitions);
    this.client.incrementalUnassign(partitions.map(({ topic, partition }) => ({ topic, partition })));
    this.#holds = this.arrivals.partitions > 0;
    if (!this.#holds) this.#givenBack();
  }

  /** Reads these partitions from these offsets, and no others. None of them is paused. */
  assign(positions: readonly Position[]): void {
    this.#holds = true;
    this.arrivals.expectOnly(positions);
    this.client.assign(positions.map((position) => ({ ...position })));
    this.#unpause(positions);
  }

  unassign(): void {
    this.arrivals.expectOnly([]);
    this.#holds = false;
    this.client.unassign();
    this.#givenBack();
  }

  /** Once closed, `pause` and `resume` do nothing: a reader may still be handing out what it has. */
  pause(partitions: readonly TopicPartition[]): void {
    if (this.#closed !== undefined) return;
    for (const partition of partitions) this.#paused.add(keyOf(partition));
    this.client.pause(partitions.map(({ topic, partition }) => ({ topic, partition })));
  }

  resume(partitions: readonly TopicPartition[]): void {
    if (this.#closed !== undefined) return;
    for (const partition of partitions) this.#paused.delete(keyOf(partition));
    this.client.resume(partitions.map(({ topic, partition }) => ({ topic, partition })));
  }

  /** librdkafka keeps a pause over an unassign and an assign: whoever reads anew would wait for ever. */
  #unpause(partitions: readonly TopicPartition[]): void {
    const paused = partitions.filter((partition) => this.#paused.has(keyOf(partition)));
    if (paused.length > 0) this.resume(paused);
  }

  /** How far a partition has been read: the offset that comes next; undefined while it is not read. */
  placeOf(partition: TopicPartition): number | undefined {
    return this.arrivals.placeOf(partition);
  }

  /** Leaves the group and disconnects, within a time limit. Safe to call twice. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.arrivals.close();
    this.offsets.close();
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
