import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { deleteRecordsBefore } from '../../e2e/support/delete-records.js';
import { type GatewayProcess, startGatewayProcess } from '../../e2e/support/gateway-process.js';
import { type TestProducer, testProducer, uniqueTopic } from '../../e2e/support/numbered-records.js';
import { addPartitions, createTopic, deleteTopic } from '../../support/kafka/admin.js';
import { webhookSink } from '../../support/webhook-sink.js';
import { defaultApi } from '../support/default-api.js';
import { type TransactionalProducer, transactionalProducer } from '../support/transactions.js';
import { CallbackClient, type HistoryClient, historyClient } from './client.js';
import type { Published, Told } from './promises.js';
import { hasCursor, levelOf, type Setting } from './setting.js';

/** After a kill: the session of the dead member, the join, and some. */
const PATIENCE_MS = 45_000;
/** Longer than the session of a member that stands still, 10 seconds by default. */
const STANDSTILL_MS = 13_000;
/** Longer than `commitIntervalMs`, a second by default: what was handed out is recorded by then. */
const RECORDED_MS = 1500;
/** How long a webhook that has begun may take for what is stored then. */
const BEGIN_MS = 2000;
/** Longer than a reader without clients is kept. */
const AWAY_MS = 17_000;

/** One history's gateway, topic and client, and what was done with them. */
export class World {
  readonly #published: Published[] = [];
  readonly #aborted = new Set<number>();
  readonly #deleted = new Set<number>();
  readonly #byPartition: number[] = [];
  #client: HistoryClient;
  #other: { readonly gateway: GatewayProcess; readonly client: HistoryClient } | undefined;
  readonly #others: HistoryClient[] = [];
  #gateway: GatewayProcess | undefined;
  #producer: TestProducer | undefined;
  #next = 0;
  #owedFrom: number | undefined;
  #open:
    | { readonly producer: TransactionalProducer; readonly commits: boolean; readonly from: number }
    | undefined;
  #kills = 0;
  #stopsRefused = 0;
  #partitions: number;

  private constructor(
    private readonly bootstrapServers: string,
    readonly setting: Setting,
    private readonly topic: string,
    private readonly dataDir: string,
    client: (world: World) => HistoryClient,
  ) {
    this.#partitions = setting.topic === 'missing' ? 0 : setting.partitions;
    this.#client = client(this);
  }

  static async make(bootstrapServers: string, setting: Setting): Promise<World> {
    const topic = uniqueTopic('history');
    if (setting.topic !== 'missing')
      await createTopic(bootstrapServers, topic, { partitions: setting.partitions });
    const dataDir = await mkdtemp(join(tmpdir(), 'sluice-history-'));
    const sink = setting.entrypoint === 'webhook' ? await webhookSink() : undefined;
    const client = (world: World) =>
      sink === undefined
        ? historyClient(setting, 'one', hasCursor(setting))
        : new CallbackClient(sink, () => `${world.#gateway?.adminUrl}/apis/${topic}/subscriptions`);
    const world = new World(bootstrapServers, setting, topic, dataDir, client);
    await world.startGateway();
    return world;
  }

  gatewayLog() {
    return this.#gateway?.log;
  }
  get isRunning(): boolean {
    return this.#gateway !== undefined;
  }

  get isConnected(): boolean {
    return this.#client.isConnected && this.isRunning;
  }

  get hasTopic(): boolean {
    return this.#partitions > 0;
  }

  get hasOther(): boolean {
    return this.#other !== undefined;
  }

  async startGateway(): Promise<void> {
    if (this.#gateway !== undefined) return;
    this.#gateway = await this.#newGateway(['--data-dir', this.dataDir]);
    const begins = this.setting.entrypoint === 'webhook' && levelOf(this.setting) === 'none';
    if (begins && this.isConnected && this.hasTopic && !this.hasOpenTransaction) await this.#begunAnew();
  }

  /** Where nothing is recorded a webhook begins anew with each start, and nobody is told when: once it gets of each partition. */
  async #begunAnew(): Promise<void> {
    for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; ) {
      this.#owedFrom = this.#next;
      await this.publish(this.#partitions, 0);
      await this.#settled(BEGIN_MS);
      if (!this.#isOwed()) return;
    }
  }

  async stopGateway(): Promise<void> {
    await this.#settled();
    this.#forgetsStart();
    // What is being tried then is given up, at the levels that have recorded it.
    if (this.setting.entrypoint === 'webhook' && !this.isConnected) this.#stopsRefused++;
    const gateway = this.#gateway;
    this.#gateway = undefined;
    await gateway?.stop();
    if (this.setting.entrypoint !== 'webhook') await this.#client.cut();
  }

  /** Where a topic was missing nobody but the process knows of its start, until something of it has been handed out. */
  #forgetsStart(): void {
    const knows = this.setting.entrypoint === 'webhook' || this.#client.hasCursor;
    if (this.setting.topic === 'missing' && !knows && this.#client.connections.flat().length === 0)
      this.#owedFrom = undefined;
  }

  async killGateway(): Promise<void> {
    this.#forgetsStart();
    this.#kills++;
    const gateway = this.#gateway;
    this.#gateway = undefined;
    await gateway?.kill();
    // What it had written is still on its way.
    await delay(200);
    if (this.setting.entrypoint !== 'webhook') await this.#client.cut();
  }

  async standStill(): Promise<void> {
    this.#kills++;
    this.#gateway?.process.kill('SIGSTOP');
    await delay(STANDSTILL_MS);
    this.#gateway?.process.kill('SIGCONT');
  }

  async connect(): Promise<void> {
    const isNew = levelOf(this.setting) === 'none' ? !this.#client.hasCursor : this.#owedFrom === undefined;
    await this.#client.connect(this.#url(this.#gateway));
    if (isNew) this.#owedFrom = this.setting.reset === 'earliest' ? 0 : this.#next;
  }

  /** A client without a cursor leaves when it has what it was sent: what is written and not read may be lost by its level. */
  async cut(): Promise<void> {
    await this.#settled();
    await this.#client.cut();
  }

  async stayAway(): Promise<void> {
    await this.cut();
    await delay(AWAY_MS);
  }

  async createTopic(): Promise<void> {
    await createTopic(this.bootstrapServers, this.topic, { partitions: this.setting.partitions });
    this.#partitions = this.setting.partitions;
  }

  async addPartitions(more: number): Promise<void> {
    this.#partitions += more;
    await addPartitions(this.bootstrapServers, this.topic, this.#partitions);
    // One that has seen them.
    await this.#producer?.close();
    this.#producer = undefined;
  }

  /** `idle` partitions get nothing. */
  async publish(count: number, idle: number): Promise<void> {
    this.#producer ??= await testProducer(this.bootstrapServers);
    await this.#producer.write(this.topic, this.#records(count, idle, true));
  }

  async publishInTransaction(count: number, commits: boolean): Promise<void> {
    await this.openTransaction(count, commits);
    await this.closeTransaction();
  }

  get hasOpenTransaction(): boolean {
    return this.#open !== undefined;
  }

  /** From here on nobody sees anything new, until it is closed. */
  async openTransaction(count: number, commits: boolean): Promise<void> {
    const producer = await transactionalProducer(this.bootstrapServers);
    await producer.begin();
    this.#open = { producer, commits, from: this.#next };
    await producer.write(this.topic, this.#records(count, 0, commits));
  }

  async closeTransaction(): Promise<void> {
    const open = this.#open;
    if (open?.commits === true) await open.producer.commit();
    else await open?.producer.abort();
    this.#open = undefined;
  }

  /**
   * While its client reads it and has everything: who is away has a cursor of the old one. It stays until it is somewhere in the
   * new one, and its group's place there is recorded: before that nobody but this process knows that it reads the topic.
   */
  async makeTopicAgain(): Promise<void> {
    await this.#settled();
    await deleteTopic(this.bootstrapServers, this.topic);
    this.#partitions = 0;
    this.#byPartition.length = 0;
    await this.createTopic();
    await this.#producer?.close();
    this.#producer = undefined;
    await this.publish(this.#partitions, 0);
    await this.#settled();
    await delay(RECORDED_MS);
  }

  /** Records of the first partition, as retention would remove them: who has not read them is told, and never gets them. */
  async deleteRecords(): Promise<void> {
    // A place that is no longer held is given up for `autoOffsetReset`: a reader that starts at the end is to be past it.
    if (this.setting.reset !== 'earliest' && !this.hasOpenTransaction) {
      await this.publish(this.#partitions, 0);
      await this.#settled();
    }
    const offset = this.#byPartition[0] ?? 0;
    if (offset === 0) return;
    await deleteRecordsBefore(this.bootstrapServers, this.topic, 0, offset);
    for (const { number, partition } of this.#published) if (partition === 0) this.#deleted.add(number);
  }

  async joinOther(): Promise<void> {
    const gateway = await this.#newGateway([]);
    const client = historyClient(this.setting, 'one', false);
    await client.connect(this.#url(gateway));
    this.#others.push(client);
    this.#other = { gateway, client };
  }

  async leaveOther(): Promise<void> {
    await this.#settled();
    await this.#other?.client.cut();
    await this.#other?.gateway.stop();
    this.#other = undefined;
  }

  /** Lets everything come that is still to come. */
  async finish(): Promise<Told> {
    await this.closeTransaction();
    if (this.hasOther) await this.leaveOther();
    await this.startGateway();
    if (!this.hasTopic) await this.createTopic();
    if (!this.isConnected) await this.connect();
    await this.publish(this.#partitions, 0);
    await this.#settled();
    // What comes twice comes soon.
    await delay(300);
    return this.#told();
  }

  get connections(): readonly (readonly number[])[] {
    return this.#client.connections;
  }

  async end(): Promise<void> {
    const left = [this.#client.cut(), this.#other?.client.cut()];
    await Promise.all([...left, this.#gateway?.kill(), this.#other?.gateway.kill(), this.#producer?.close()]);
  }

  #told(): Told {
    return {
      published: this.#published,
      owedFrom: this.#owedFrom ?? this.#next,
      aborted: this.#aborted,
      deleted: this.#deleted,
      kills: this.#kills,
      stopsRefused: this.#stopsRefused,
      byOthers: new Set(
        levelOf(this.setting) === 'none' ? [] : this.#others.flatMap(({ connections }) => connections.flat()),
      ),
    };
  }

  /** Waits until the client, if it is there, has what it is owed. */
  async #settled(withinMs = PATIENCE_MS): Promise<void> {
    if (!this.isConnected) return;
    const deadline = performance.now() + withinMs;
    while (this.#isOwed() && performance.now() < deadline && this.#client.isConnected) await delay(25);
  }

  #isOwed(): boolean {
    const { byOthers } = this.#told();
    const got = new Set(this.#client.connections.flat());
    const from = this.#owedFrom ?? this.#next;
    const to = this.#open?.from ?? this.#next;
    return this.#published.some(
      ({ number }) =>
        number >= from &&
        number < to &&
        !got.has(number) &&
        !byOthers.has(number) &&
        !this.#deleted.has(number),
    );
  }

  #records(count: number, idle: number, readable: boolean) {
    const busy = Math.max(1, this.#partitions - idle);
    return Array.from({ length: count }, (_, index) => {
      const partition = index % busy;
      const number = this.#next++;
      if (readable) this.#published.push({ number, partition });
      else this.#aborted.add(number);
      this.#byPartition[partition] = (this.#byPartition[partition] ?? 0) + 1;
      return { value: Buffer.from(String(number)), partition };
    });
  }

  #url(gateway: GatewayProcess | undefined): string {
    return `${gateway?.url}/${this.topic}`;
  }

  #newGateway(args: readonly string[]): Promise<GatewayProcess> {
    const { qos, reset } = this.setting;
    const api = defaultApi({
      bootstrapServers: this.bootstrapServers,
      id: this.topic,
      topics: [this.topic],
      ...(this.setting.topic === 'pattern' ? { topicPattern: `${this.topic}.*` } : {}),
      ...(qos === undefined ? {} : { qos }),
      ...(reset === undefined ? {} : { consumer: { autoOffsetReset: reset } }),
    });
    return startGatewayProcess({ apis: [api], args, env: { SLUICE_WEBHOOK_ALLOW_TARGETS: '127.0.0.1' } });
  }
}
