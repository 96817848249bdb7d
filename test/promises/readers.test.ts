import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { startGatewayProcess } from '../e2e/support/gateway-process.js';
import { numbered, testProducer, uniqueTopic } from '../e2e/support/numbered-records.js';
import { openRawStream } from '../e2e/support/raw-stream.js';
import { addPartitions, createTopic } from '../support/kafka/admin.js';
import { startKafka } from '../support/kafka/broker.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { freePorts } from '../support/kafka/ports.js';
import { startRelay } from '../support/kafka/relay.js';
import { getPage, type Page } from '../support/pages.js';
import { defaultApi } from './support/default-api.js';
import { slowNetwork } from './support/slow-network.js';
import { transactionalProducer } from './support/transactions.js';

const ascending = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);
const numbersOf = ({ items }: Page) => ascending(items.map(({ content }) => Number(content)));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
const plain = (cursor: string | undefined) => Buffer.from(cursor ?? '', 'base64').toString();
const named = (name: string) => ({ headers: { 'X-Gravitee-Client-Identifier': name } });
const LEVELS = ['none', 'at-best', 'at-most-once', 'at-least-once'] as const;

onRealKafka(
  'what readers owe to everybody',
  (bootstrapServers) => {
    async function setup(partitions: number, qos: string, consumer: object = {}, servers = bootstrapServers) {
      const topic = uniqueTopic('readers');
      await createTopic(bootstrapServers, topic, { partitions });
      const producer = await testProducer(bootstrapServers);
      // A name of its own: the groups of clients without one are named by it.
      const api = defaultApi({ bootstrapServers: servers, id: topic, topics: [topic], qos, consumer });
      const gateway = async () => {
        const started = await startGatewayProcess({ apis: [api] });
        return { ...started, url: `${started.url}/${topic}` };
      };
      return { topic, producer, gateway };
    }

    it.each(LEVELS)(
      'partitions that were added since a cursor was issued are read whole (%s)',
      async (qos) => {
        const { topic, gateway } = await setup(2, qos);
        const first = await gateway();
        const cursor = (await getPage(first.url, { wait: 0 })).pagination?.nextCursor;
        expect(plain(cursor)).toBe(`${topic}@0#-1,1#-1`);
        await first.stop();
        await addPartitions(bootstrapServers, topic, 8);
        // One that has not seen the topic with two.
        const producer = await testProducer(bootstrapServers);
        await producer.write(topic, numbered(0, 80, 8));
        const second = await gateway();
        const got = (await getPage(second.url, { cursor, wait: 0 })).items;
        expect(ascending(got.map(({ content }) => Number(content)))).toEqual(range(0, 80));
        await producer.close();
      },
    );

    it('a cursor that somebody wrote by hand may leave partitions out, and is told where those begin', async () => {
      const { topic, producer, gateway } = await setup(3, 'none');
      await producer.write(topic, numbered(0, 9, 3));
      const { url } = await gateway();
      const cursor = Buffer.from(`${topic}@1#0,2#1`).toString('base64');
      const page = await getPage(url, { cursor, wait: 0 });
      expect(numbersOf(page)).toEqual([4, 7, 8]);
      expect(page.gaps).toEqual([{ key: 'CURSOR_INCOMPLETE', source: `${topic}@0`, from: 0, to: 3 }]);
      expect(plain(page.pagination?.nextCursor)).toBe(`${topic}@0#2,1#2,2#2`);
      await producer.close();
    });

    it('a reader of uncommitted records takes its own ends: a cursor behind an open transaction is good', async () => {
      const { topic, producer, gateway } = await setup(1, 'none', { isolationLevel: 'read_uncommitted' });
      const open = await transactionalProducer(bootstrapServers);
      await open.begin();
      await open.write(topic, numbered(0, 5, 1));
      const first = await gateway();
      const cursor = Buffer.from(`${topic}@0#3`).toString('base64');
      expect(numbersOf(await getPage(first.url, { cursor, wait: 0 }))).toEqual([4]);
      expect((await getPage(first.url, { wait: 0 })).items, 'latest is behind all of them').toEqual([]);
      await open.abort();
      await producer.close();
    });

    it.each(LEVELS)(
      'aborted records and markers are passed: lag comes to 0, and pages do not read them again (%s)',
      async (qos) => {
        const { topic, producer, gateway } = await setup(1, qos, { autoOffsetReset: 'earliest' });
        const { url, adminUrl } = await gateway();
        await producer.write(topic, numbered(0, 2, 1));
        const transactions = await transactionalProducer(bootstrapServers);
        await transactions.begin();
        await transactions.write(topic, numbered(2, 102, 1));
        await transactions.abort();
        const page = await getPage(url, { wait: 0 });
        expect(numbersOf(page)).toEqual([0, 1]);
        expect(plain(page.pagination?.nextCursor)).toBe(`${topic}@0#102`);
        const metric = qos === 'none' ? 'sluice_kafka_reader_lag' : 'kafka_consumer_group_lag_sum';
        const lag = async () => {
          const text = await (await fetch(`${adminUrl}/metrics`)).text();
          return text
            .split('\n')
            .find((line) => line.startsWith(`${metric}{`))
            ?.split(' ')
            .at(-1);
        };
        await expect.poll(lag, { timeout: 20_000 }).toBe('0');
        await producer.close();
      },
    );

    /** At both levels at once: they wait most of the time. */
    const atBoth = (name: string, test: (qos: string) => Promise<void>) =>
      it(name, async () => void (await Promise.all(['at-best', 'at-least-once'].map(test))), 180_000);

    atBoth('readers that were paused when another gateway came and went read on', async (qos) => {
      const { topic, producer, gateway } = await setup(2, qos, { autoOffsetReset: 'earliest' });
      const count = 40_000;
      // More than the buffers of a socket that nobody reads.
      const records = numbered(0, count, 2).map(({ value, ...rest }) => ({
        ...rest,
        value: Buffer.from(`${value} ${'x'.repeat(1000)}`),
      }));
      await producer.write(topic, records);
      const [first, second] = [await gateway(), await gateway()];
      // It takes nothing for a while: its lanes fill up, and their partitions are paused.
      const slow = await openRawStream(first.url, { ...named('shared'), paused: true });
      await delay(3000);
      const other = await openRawStream(second.url, named('shared'));
      await other.until(() => other.data.length > 100, 30_000);
      other.close();
      await second.stop();
      slow.resume();
      // What the other client had been written and did not read is its own; the rest is for who stays.
      const last = [count - 2, count - 1].map((number) => `${number} `);
      const hasAll = () => last.every((start) => slow.data.some((data) => data.startsWith(start)));
      await slow.until(hasAll, 60_000);
      await producer.close();
    });

    atBoth('a stream whose member was expelled for a while is given nothing twice', async (qos) => {
      const { topic, producer, gateway } = await setup(2, qos, { autoOffsetReset: 'earliest' });
      const { url, process: child } = await gateway();
      const stream = await openRawStream(url, named('one'));
      let written = 0;
      const write = async (more: number) => {
        await producer.write(topic, numbered(written, written + more, 2));
        written += more;
      };
      await write(1000);
      await stream.until(() => stream.data.length === 1000, 20_000);
      for (let cut = 0; cut < 2; cut++) {
        await write(3000);
        await stream.until(() => stream.data.length > written - 2000, 20_000);
        child.kill('SIGSTOP');
        await delay(14_000);
        child.kill('SIGCONT');
        await write(500);
        await stream.until(() => new Set(stream.data).size === written, 40_000);
      }
      for (const partition of [0, 1]) {
        const own = stream.data.map(Number).filter((number) => number % 2 === partition);
        expect(own, `partition ${partition}`).toEqual(range(0, written).filter((n) => n % 2 === partition));
      }
      await producer.close();
    });

    it('history is read over a slow network, however short the time of a page', async () => {
      const [near = 0, away = 0] = await freePorts(2);
      const broker = await startKafka({
        listeners: { NEAR: 'PLAINTEXT', AWAY: 'PLAINTEXT' },
        advertised: { NEAR: near, AWAY: away },
      });
      onTestFinished(() => broker.stop());
      const portOf = (listener: string) => Number(broker.addressOf(listener).split(':')[1]);
      await slowNetwork(portOf('NEAR'), near, 100);
      await slowNetwork(portOf('AWAY'), away, 500);
      const topic = uniqueTopic('far');
      await createTopic(broker.bootstrapServers, topic, { partitions: 2 });
      const producer = await testProducer(broker.bootstrapServers);
      await producer.write(topic, numbered(0, 60, 2));
      await producer.close();
      const ways = [
        ['none', near, 1],
        ['none', away, 5],
        ['at-least-once', near, 1],
      ] as const;
      const read = async ([qos, port, wait]: (typeof ways)[number]) => {
        const consumer = { autoOffsetReset: 'earliest' };
        const bootstrapServers = `127.0.0.1:${port}`;
        const api = defaultApi({ bootstrapServers, id: 'p', topics: [topic], qos, consumer });
        const { url } = await startGatewayProcess({ apis: [api] });
        const got: number[] = [];
        let cursor = Buffer.from(`${topic}@0#-1,1#-1`).toString('base64');
        for (let page = 0; page < 3; page++) {
          const { items, pagination } = await getPage(`${url}/p`, { cursor, limit: 20, wait });
          expect(items, `${qos}, page ${page}`).not.toEqual([]);
          got.push(...items.map(({ content }) => Number(content)));
          cursor = pagination?.nextCursor ?? '';
        }
        expect(ascending(got), qos).toEqual(range(0, 60));
      };
      await Promise.all(ways.map(read));
    });

    it('pages that follow one another continue one reading of history, not one each', async () => {
      const [relayPort = 0] = await freePorts(1);
      const broker = await startKafka({ listeners: { NEAR: 'PLAINTEXT' }, advertised: { NEAR: relayPort } });
      onTestFinished(() => broker.stop());
      const relay = await startRelay(Number(broker.addressOf('NEAR').split(':')[1]), relayPort);
      onTestFinished(() => relay.close());
      const topic = uniqueTopic('history');
      await createTopic(broker.bootstrapServers, topic, { partitions: 2 });
      const producer = await testProducer(broker.bootstrapServers);
      await producer.write(topic, numbered(0, 500, 2));
      await producer.close();
      const bootstrapServers = `127.0.0.1:${relayPort}`;
      const api = defaultApi({ bootstrapServers, id: 'p', topics: [topic], qos: 'none' });
      const { url } = await startGatewayProcess({ apis: [api] });
      const got: number[] = [];
      let cursor = Buffer.from(`${topic}@0#-1,1#-1`).toString('base64');
      const connections: number[] = [];
      for (let page = 0; page < 5; page++) {
        const { items, pagination } = await getPage(`${url}/p`, { cursor, limit: 70, wait: 0 });
        got.push(...items.map(({ content }) => Number(content)));
        cursor = pagination?.nextCursor ?? '';
        connections.push(relay.connections);
      }
      expect(new Set(got).size).toBe(350);
      expect(got).toHaveLength(350);
      expect(connections.at(-1), 'the consumer of the first page reads for the others').toBe(connections[0]);
    });
  },
  { java: true },
);
