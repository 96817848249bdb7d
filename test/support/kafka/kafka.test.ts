import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import kafka from 'node-rdkafka';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type KafkaBroker, startKafka } from './broker.js';
import { consoleConsume, endOffsets } from './console.js';
import { describeGroup } from './describe-group.js';
import { realKafkaAvailable } from './jars.js';
import { freePorts } from './ports.js';

const available = realKafkaAvailable();
const mustRun = process.env.CI === 'true' || process.env.CI === '1';

describe.skipIf(!available.ok && !mustRun)('a real Kafka broker', { timeout: 60_000 }, () => {
  let broker: KafkaBroker;

  beforeAll(async () => {
    broker = await startKafka();
  }, 300_000);

  afterAll(() => broker?.stop());

  it('creates a topic with its partitions and deletes it', async () => {
    await broker.createTopic('six', { partitions: 6, config: { 'retention.ms': '60000' } });
    expect([...(await endOffsets(broker.bootstrapServers, 'six')).keys()].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    await expect(broker.createTopic('six')).rejects.toThrow(/exists/i);

    await broker.deleteTopic('six');
    await expect(endOffsets(broker.bootstrapServers, 'six')).rejects.toThrow(/Could not match/);
  });

  it('shows by its console tools what node-rdkafka produced', async () => {
    await broker.createTopic('a.b', { partitions: 6 });
    await broker.createTopic('axb');
    await produce(broker, 'a.b', [
      { partition: 4, key: 'k', value: 'first\tline\nsecond' },
      { partition: 4, key: null, value: 'null' },
      { partition: 1, key: '', value: null },
    ]);

    expect(await consoleConsume(broker.bootstrapServers, 'a.b', { count: 3 })).toEqual([
      { partition: 1, offset: 0, key: '', value: null },
      { partition: 4, offset: 0, key: 'k', value: 'first\tline\nsecond' },
      { partition: 4, offset: 1, key: null, value: 'null' },
    ]);
    expect(
      await consoleConsume(broker.bootstrapServers, 'a.b', { partition: 4, timeoutMs: 1000 }),
    ).toHaveLength(2);
    expect(await endOffsets(broker.bootstrapServers, 'a.b')).toEqual(
      new Map([0, 1, 2, 3, 4, 5].map((partition) => [partition, { 1: 1, 4: 2 }[partition] ?? 0])),
    );
  });

  it('describes a group: committed offsets, lag and members', async () => {
    await broker.createTopic('grouped', { partitions: 2 });
    await produce(broker, 'grouped', [
      { partition: 0, key: 'a', value: '1' },
      { partition: 0, key: 'a', value: '2' },
    ]);
    const consumer = await joinGroup(broker, 'readers', 'grouped');
    consumer.commitSync({ topic: 'grouped', partition: 0, offset: 1 });
    const topic = 'grouped';
    const member = expect.stringMatching(/^reader-/);
    expect(await describeGroup(broker.bootstrapServers, 'readers')).toEqual([
      { topic, partition: 0, committedOffset: 1, logEndOffset: 2, lag: 1, member },
      { topic, partition: 1, committedOffset: null, logEndOffset: 0, lag: null, member },
    ]);

    await call((done) => consumer.disconnect(done));
    expect(await describeGroup(broker.bootstrapServers, 'readers')).toEqual([
      { topic, partition: 0, committedOffset: 1, logEndOffset: 2, lag: 1, member: null },
    ]);
    expect(await describeGroup(broker.bootstrapServers, 'nobody')).toEqual([]);
  });

  it('keeps its data and address over kill and restart', async () => {
    await produce(broker, 'kept', [{ partition: 0, key: 'k', value: 'before' }]);
    const { bootstrapServers, pid } = broker;
    await broker.kill();
    expect(broker.pid).toBeNull();
    await expect(broker.pause()).rejects.toThrow(/does not run/);
    await broker.restart();
    expect(broker.pid).not.toBe(pid);
    expect(broker.bootstrapServers).toBe(bootstrapServers);
    await produce(broker, 'kept', [{ partition: 0, key: 'k', value: 'after' }]);
    const values = (await consoleConsume(bootstrapServers, 'kept', { count: 2 })).map(
      (record) => record.value,
    );
    expect(values).toEqual(['before', 'after']);
  });

  it('answers nothing while it is paused', async () => {
    const client = new kafka.Producer({ 'bootstrap.servers': broker.bootstrapServers });
    await call((done) => client.connect({}, done));
    await broker.pause();
    await expect(call((done) => client.getMetadata({ timeout: 300 }, done))).rejects.toThrow(
      /timed out|transport failure/i,
    );
    broker.resume();
    await call((done) => client.getMetadata({ timeout: 10_000 }, done));
    await call((done) => client.disconnect(done));
  });

  it('leaves neither a process nor a data folder after stop', async () => {
    const short = await startKafka({ heapMb: 256 });
    const folder = dirname(short.logFile);
    expect(processesOf(folder)).not.toEqual([]);
    await short.pause();
    await short.stop();
    await short.stop();
    expect(existsSync(folder)).toBe(false);
    await vi.waitFor(() => expect(processesOf(folder)).toEqual([]));
    await expect(short.restart()).rejects.toThrow(/was stopped/);
  });

  it('tells the end of the log when the broker does not start', async () => {
    const started = startKafka({ properties: { 'num.network.threads': 'many' } });
    await expect(started).rejects.toThrow(/num\.network\.threads/);
    const late = startKafka({ properties: { 'authorizer.class.name': 'no.such.Class' } });
    await expect(late).rejects.toThrow(/broker ended with code 1[\s\S]*no\.such\.Class/);
  });

  it('tells when the console tools cannot reach the broker', async () => {
    const [port] = await freePorts(1);
    await expect(consoleConsume(`127.0.0.1:${port}`, 'any', { timeoutMs: 1000 })).rejects.toThrow(
      /not reach/,
    );
  });
});

interface TestRecord {
  partition: number;
  key: string | null;
  value: string | null;
}

async function produce(broker: KafkaBroker, topic: string, records: TestRecord[]): Promise<void> {
  const producer = new kafka.Producer({ 'bootstrap.servers': broker.bootstrapServers, dr_cb: true });
  await call((done) => producer.connect({}, done));
  const delivered = new Promise<void>((resolve, reject) => {
    let open = records.length;
    producer.on('delivery-report', (error) => {
      open -= 1;
      if (error) {
        reject(error);
      } else if (open === 0) {
        resolve();
      }
    });
  });
  producer.setPollInterval(5);
  for (const { partition, key, value } of records) {
    producer.produce(topic, partition, value === null ? null : Buffer.from(value), key);
  }
  await delivered;
  await call((done) => producer.disconnect(done));
}

/** Resolves when the one consumer of the group has all partitions of the topic. */
async function joinGroup(broker: KafkaBroker, group: string, topic: string): Promise<kafka.KafkaConsumer> {
  const consumer = new kafka.KafkaConsumer(
    {
      'bootstrap.servers': broker.bootstrapServers,
      'group.id': group,
      'client.id': 'reader',
      'enable.auto.commit': false,
      rebalance_cb: true,
    },
    { 'auto.offset.reset': 'earliest' },
  );
  await call((done) => consumer.connect({}, done));
  const assigned = new Promise((resolve) => consumer.once('rebalance', resolve));
  consumer.setDefaultConsumeLoopTimeoutDelay(10);
  consumer.subscribe([topic]);
  consumer.consume();
  await assigned;
  return consumer;
}

/** The processes with this text in their command line. */
function processesOf(text: string): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes(text));
}

function call(act: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    act((error) => (error ? reject(error) : resolve()));
  });
}
