import { setTimeout as pause } from 'node:timers/promises';
import { type EndpointHealth, type Logger, SluiceError } from '@sluice/core';
import Kafka from 'node-rdkafka';
import { CONNECT_TIMEOUT_MS, producerProperties } from './client-config.js';
import type { KafkaConfig, KafkaSharedConfig } from './config.js';
import { pastElections } from './elections.js';
import { FailureCause } from './failure-cause.js';
import { nativeCall } from './native-calls.js';
import type { TopicPartition } from './partition-table.js';
import { CODE, codeOf } from './rdkafka-errors.js';
import type { Security, SecurityProperties } from './security/security.js';

/** The first and the next-to-be-written offset of a partition. */
export interface Watermarks {
  readonly low: number;
  readonly high: number;
}

const RETRY_MS = { first: 250, most: 5000 };
const QUERY_TIMEOUT_MS = 5000;
/** Between two questions for a partition that is just being made. */
const AGAIN_MS = 100;
/** The answers of who has not heard yet of a partition that is just being made. */
const UNHEARD_OF: readonly (number | undefined)[] = [
  CODE.UNKNOWN_PARTITION,
  CODE.UNKNOWN_TOPIC,
  CODE.UNKNOWN_TOPIC_OR_PART,
];
/** While brokers are away, how often they are asked for. */
const PROBE_MS = 1000;
/** How often it is looked whether certificates have been replaced. */
const RENEW_MS = 5000;
/** How long the client before that may take for what it has in flight. */
const HAND_OVER_MS = 30_000;
/** librdkafka hands over its errors only when asked; it is asked this often, also while nothing is published. */
const EVENTS_MS = 200;

/**
 * The connection to one cluster under one configuration: the producer's client, which also answers for health,
 * metadata and watermarks. It connects in the background for as long as it takes, and again when brokers come back.
 */
export class Cluster {
  #client: Kafka.Producer | undefined;
  #health: EndpointHealth = { status: 'unknown' };
  #downSince: number | undefined;
  #stopped = false;
  /** Topics that have been there. */
  readonly #seen = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #events: NodeJS.Timeout | undefined;
  #renewal: NodeJS.Timeout | undefined;
  readonly #cause = new FailureCause();
  /** Of the reason that was logged last: each attempt to connect has the same. */
  #toldCode: number | undefined;
  #connecting: Promise<void>;
  /** Called with every new client, before anything is published with it. */
  readonly #onClient: ((client: Kafka.Producer) => void)[] = [];

  constructor(
    private readonly config: KafkaConfig,
    private readonly shared: KafkaSharedConfig,
    private readonly security: Security,
    private readonly log: Logger,
  ) {
    this.#connecting = this.#connect(RETRY_MS.first);
  }

  get health(): EndpointHealth {
    return this.#health;
  }

  /** How long no broker has been there, in milliseconds; 0 while one is. */
  get downForMs(): number {
    return this.#downSince === undefined ? 0 : performance.now() - this.#downSince;
  }

  /** Sees each client that this cluster ever connects. */
  onClient(listener: (client: Kafka.Producer) => void): void {
    this.#onClient.push(listener);
    if (this.#client !== undefined) listener(this.#client);
  }

  /** The connected client; undefined while there is none. */
  get connected(): Kafka.Producer | undefined {
    return this.#client;
  }

  /** The connected client. Waits for a first connection attempt under way. @throws SluiceError `ENDPOINT_UNAVAILABLE` */
  async client(): Promise<Kafka.Producer> {
    if (this.#client === undefined && !this.#stopped) await this.#connecting;
    if (this.#client === undefined) throw new SluiceError('ENDPOINT_UNAVAILABLE');
    return this.#client;
  }

  /** The partitions of a topic; none when the topic does not exist. @throws SluiceError `ENDPOINT_UNAVAILABLE` */
  async partitions(topic: string): Promise<readonly number[]> {
    const client = await this.client();
    // To ask for a topic by its name makes it, where the broker allows that: reading should not.
    const asked = this.#seen.has(topic) ? { topic, allTopics: false } : { allTopics: true };
    const metadata = await this.#query<Kafka.Metadata>((done) =>
      client.getMetadata({ ...asked, timeout: QUERY_TIMEOUT_MS } as Kafka.MetadataOptions, done),
    );
    const found = metadata.topics.find(({ name }) => name === topic);
    if (found === undefined || found.partitions.length === 0) return [];
    this.#seen.add(topic);
    return found.partitions.map(({ id }) => id).sort((a, b) => a - b);
  }

  /** Every partition there is, in order. @throws SluiceError `ENDPOINT_UNAVAILABLE` */
  async allPartitions(): Promise<readonly TopicPartition[]> {
    const client = await this.client();
    const metadata = await this.#query<Kafka.Metadata>((done) =>
      client.getMetadata({ allTopics: true, timeout: QUERY_TIMEOUT_MS } as Kafka.MetadataOptions, done),
    );
    return [...metadata.topics]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap(({ name: topic, partitions }) =>
        partitions.map(({ id }) => ({ topic, partition: id })).sort((a, b) => a.partition - b.partition),
      );
  }

  /**
   * Waits a little for a partition that some broker, or this client, has not heard of yet.
   * @throws SluiceError `ENDPOINT_UNAVAILABLE`
   */
  async watermarks(topic: string, partition: number): Promise<Watermarks> {
    for (const until = performance.now() + QUERY_TIMEOUT_MS; ; await pause(AGAIN_MS)) {
      try {
        return await this.#watermarks(topic, partition);
      } catch (error) {
        const isUnheardOf = UNHEARD_OF.includes(codeOf((error as SluiceError).cause));
        if (!isUnheardOf || performance.now() > until) throw error;
        if (!(await this.partitions(topic)).includes(partition)) throw error;
      }
    }
  }

  async #watermarks(topic: string, partition: number): Promise<Watermarks> {
    const client = await this.client();
    const { lowOffset, highOffset } = await this.#query<Kafka.WatermarkOffsets>((done) =>
      client.queryWatermarkOffsets(topic, partition, QUERY_TIMEOUT_MS, done),
    );
    return { low: lowOffset, high: highOffset };
  }

  /** Disconnects, within `timeoutMs` for what is queued. */
  async stop(timeoutMs: number): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearInterval(this.#events);
    clearTimeout(this.#renewal);
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    this.security.forget(client);
    const waitMs = Math.max(1, Math.floor(timeoutMs));
    await nativeCall((done) => client.disconnect(waitMs, done), { releases: true });
  }

  async #query<T>(call: (done: (error: unknown, value: T) => void) => void): Promise<T> {
    if (this.downForMs > PROBE_MS) throw new SluiceError('ENDPOINT_UNAVAILABLE');
    try {
      return await pastElections(() => nativeCall(call), QUERY_TIMEOUT_MS);
    } catch (error) {
      throw new SluiceError('ENDPOINT_UNAVAILABLE', { cause: error });
    }
  }

  async #connect(retryMs: number): Promise<void> {
    let client: Kafka.Producer | undefined;
    try {
      const properties = this.security.properties();
      client = this.#newClient(properties);
      this.#watchStores(properties);
      this.#listenTo(client);
      await this.#connectClient(client);
    } catch (error) {
      if (client !== undefined) this.security.forget(client);
      clearInterval(this.#events);
      this.#isDown(error);
      if (this.#stopped) return;
      this.#timer = setTimeout(() => {
        this.#connecting = this.#connect(Math.min(retryMs * 2, RETRY_MS.most));
      }, retryMs);
      return;
    }
    if (this.#stopped) {
      const connected = client;
      clearInterval(this.#events);
      this.security.forget(connected);
      await nativeCall((done) => connected.disconnect(done), { releases: true });
      return;
    }
    for (const listener of this.#onClient) listener(client);
    this.#client = client;
    this.#isUp();
  }

  #newClient(properties: SecurityProperties): Kafka.Producer {
    const { global, topic } = producerProperties(this.config, this.shared, properties);
    return new Kafka.Producer(global, topic);
  }

  /** A client keeps the certificates that it was made with: when they are replaced, so is the client. */
  #watchStores(properties: SecurityProperties): void {
    clearTimeout(this.#renewal);
    this.#renewal = setTimeout(async () => {
      const renewed = this.#client !== undefined && this.security.haveChanged(properties);
      if (!renewed || !(await this.#renew())) this.#watchStores(properties);
    }, RENEW_MS);
  }

  /** Puts a client with the stores of now in the place of the one there is; what that has in flight goes on. */
  async #renew(): Promise<boolean> {
    const before = this.#client;
    let client: Kafka.Producer | undefined;
    try {
      const properties = this.security.properties();
      client = this.#newClient(properties);
      await this.#connectClient(client);
      if (this.#stopped || before === undefined) throw new Error('the connection was closed meanwhile');
      for (const listener of this.#onClient) listener(client);
      this.#client = client;
      this.#listenTo(client);
      clearTimeout(this.#timer);
      this.#watchStores(properties);
      this.#isUp();
      this.log.info({}, 'certificates have been replaced: the kafka cluster is reached with the new ones');
    } catch (error) {
      if (client !== undefined) await this.#end(client, 1);
      if (!this.#stopped)
        this.log.warn({ err: error }, 'the cluster takes no client with the new certificates');
      return false;
    }
    await this.#end(before, HAND_OVER_MS);
    return true;
  }

  async #end(client: Kafka.Producer, waitMs: number): Promise<void> {
    this.security.forget(client);
    const done = nativeCall((done) => client.disconnect(waitMs, done), { releases: true });
    await done.catch((error: unknown) =>
      this.log.debug({ err: error }, 'a kafka producer ended with an error'),
    );
  }

  async #connectClient(client: Kafka.Producer): Promise<void> {
    await this.security.attach(client);
    await nativeCall((done) =>
      client.connect({ allTopics: false, timeout: CONNECT_TIMEOUT_MS } as Kafka.MetadataOptions, done),
    );
  }

  /** From now on its errors decide about the health. */
  #listenTo(client: Kafka.Producer): void {
    this.#cause.forget();
    client.on('event.error', (error) => {
      if (this.#client === undefined || this.#client === client) this.#onError(error);
    });
    clearInterval(this.#events);
    this.#events = setInterval(() => {
      if (client.isConnected()) client.poll();
    }, EVENTS_MS);
  }

  #onError(error: unknown): void {
    this.#cause.note(error);
    if (codeOf(error) === CODE.ALL_BROKERS_DOWN) this.#isDown(error);
    else this.log.debug({ err: error }, 'kafka client');
  }

  #isUp(): void {
    if (this.#health.status !== 'up') this.log.info({}, 'the kafka cluster is there');
    this.#health = { status: 'up' };
    this.#cause.forget();
    this.#downSince = undefined;
  }

  #isDown(error: unknown): void {
    const reason = this.#cause.reasonOf(error);
    if (this.#health.status !== 'down' || this.#cause.code !== this.#toldCode)
      this.log.warn({ reason }, 'the kafka cluster cannot be reached');
    this.#toldCode = this.#cause.code;
    this.#health = { status: 'down', reason };
    if (this.#downSince !== undefined) return;
    this.#downSince = performance.now();
    if (this.#client !== undefined) this.#probe(this.#client);
  }

  /** librdkafka reconnects by itself but does not say when it has: ask until something answers. */
  #probe(client: Kafka.Producer): void {
    this.#timer = setTimeout(async () => {
      if (this.#stopped || client !== this.#client) return;
      try {
        await nativeCall((done) =>
          client.getMetadata({ allTopics: false, timeout: PROBE_MS } as Kafka.MetadataOptions, done),
        );
        this.#isUp();
      } catch {
        this.#probe(client);
      }
    }, PROBE_MS);
  }
}
