import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startGatewayProcess } from '../e2e/support/gateway-process.js';
import { numbered, testProducer, uniqueTopic } from '../e2e/support/numbered-records.js';
import { openRawStream } from '../e2e/support/raw-stream.js';
import { createTopic, deleteTopic } from '../support/kafka/admin.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { getPage, type Page } from '../support/pages.js';
import { bodies, webhookSink } from '../support/webhook-sink.js';
import { defaultApi } from './support/default-api.js';
import { defaultBroker } from './support/default-broker.js';

/** Longer than a reader without clients is kept. */
const LONGER_THAN_A_LINGER_MS = 17_000;
/** How long a killed member's partitions are held back, and the join after it. */
const REJOIN_MS = 70_000;
/** With memory; undefined is a definition that says nothing. */
const LEVELS = [undefined, 'at-best', 'at-most-once', 'at-least-once'] as const;

const ascending = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);
const numbersOf = ({ items }: Page) => ascending(items.map(({ content }) => Number(content)));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

onRealKafka(
  'a group begins where it was first asked for',
  () => {
    const { bootstrapServers } = defaultBroker();

    async function setup(partitions: number, qos: string | undefined) {
      const topic = uniqueTopic('starts');
      const servers = bootstrapServers();
      if (partitions > 0) await createTopic(servers, topic, { partitions });
      const producer = await testProducer(servers);
      const api = defaultApi({
        bootstrapServers: servers,
        id: 'p',
        topics: [topic],
        ...(qos === undefined ? {} : { qos }),
      });
      const env = { SLUICE_WEBHOOK_ALLOW_TARGETS: '127.0.0.1' };
      return {
        topic,
        producer,
        gateway: (args: readonly string[] = []) => startGatewayProcess({ apis: [api], args, env }),
      };
    }

    /** At every level at once: what they wait for is the broker. */
    const atEveryLevel = (name: string, test: (qos: string | undefined) => Promise<void>) =>
      it(name, async () => void (await Promise.all(LEVELS.map(test))), 240_000);

    atEveryLevel('an empty page is a start, also for what comes while the gateway is away', async (qos) => {
      const { topic, producer, gateway } = await setup(2, qos);
      await producer.write(topic, numbered(0, 4, 2));
      const first = await gateway();
      expect((await getPage(`${first.url}/p`, { wait: 0 })).items, qos).toEqual([]);
      await producer.write(topic, numbered(4, 10, 2));
      expect(await first.stop()).toBe(0);
      await producer.write(topic, numbered(10, 20, 2));
      const second = await gateway();
      expect(numbersOf(await getPage(`${second.url}/p`, { wait: 0 })), qos).toEqual(range(4, 20));
      await producer.close();
    });

    atEveryLevel('a stream that was cut before its first event misses nothing, however late', async (qos) => {
      const { topic, producer, gateway } = await setup(6, qos);
      const { url } = await gateway();
      const headers = { 'X-Gravitee-Client-Identifier': 'one' };
      (await openRawStream(`${url}/p`, { headers })).close();
      await delay(LONGER_THAN_A_LINGER_MS);
      await producer.write(topic, numbered(0, 12, 6));
      const after = await openRawStream(`${url}/p`, { headers });
      await after.until(() => after.data.length >= 12, 20_000);
      expect(ascending(after.data.map(Number)), qos).toEqual(range(0, 12));
      await producer.close();
    });

    atEveryLevel('what is published right after the head of a stream comes', async (qos) => {
      const { topic, producer, gateway } = await setup(3, qos);
      const { url } = await gateway();
      const stream = await openRawStream(`${url}/p`);
      await producer.write(topic, numbered(0, 30, 3));
      await stream.until(() => stream.data.length >= 30, 20_000);
      expect(ascending(stream.data.map(Number)), qos).toEqual(range(0, 30));
      await producer.close();
    });

    atEveryLevel(
      'a webhook gets everything from its 201 on, paused and killed before its first call',
      async (qos) => {
        const { topic, producer, gateway } = await setup(2, qos);
        await producer.write(topic, numbered(0, 4, 2));
        const sink = await webhookSink();
        const data = ['--data-dir', await mkdtemp(join(tmpdir(), 'sluice-data-'))];
        const first = await gateway(data);
        const entrypointConfiguration = { callbackUrl: sink.url };
        const made = await fetch(`${first.adminUrl}/apis/p/subscriptions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            consumerConfiguration: { entrypointId: 'webhook', entrypointConfiguration },
          }),
        });
        expect(made.status, qos).toBe(201);
        const { id } = (await made.json()) as { id: string };
        const act = async (url: string, verb: string) => {
          const answer = await fetch(`${url}/apis/p/subscriptions/${id}/${verb}`, { method: 'POST' });
          expect(answer.status, verb).toBe(200);
        };
        await act(first.adminUrl, 'pause');
        await producer.write(topic, numbered(4, 8, 2));
        await first.kill();
        await producer.write(topic, numbered(8, 12, 2));
        const second = await gateway(data);
        await act(second.adminUrl, 'resume');
        const deadline = performance.now() + REJOIN_MS;
        const got = () => ascending([...new Set(bodies(sink))].map(Number));
        while (got().length < 8 && performance.now() < deadline) await delay(50);
        expect(got(), qos).toEqual(range(4, 12));
        await producer.close();
      },
    );

    it('a topic that was made again while its groups were away is read whole', async () => {
      const levels = [undefined, 'at-least-once'] as const;
      const read = async (qos: string | undefined) => {
        const { topic, producer, gateway } = await setup(1, qos);
        await producer.write(topic, numbered(0, 5, 1));
        const { url } = await gateway();
        expect((await getPage(`${url}/p`, { wait: 0 })).items).toEqual([]);
        await delay(LONGER_THAN_A_LINGER_MS);
        await deleteTopic(bootstrapServers(), topic);
        await createTopic(bootstrapServers(), topic, { partitions: 1 });
        await producer.write(topic, numbered(5, 14, 1));
        expect(numbersOf(await getPage(`${url}/p`, { wait: 2 })), qos).toEqual(range(5, 14));
        await producer.close();
      };
      await Promise.all(levels.map(read));
    });

    it('topics that come later are read from their first record, by pages and by streams', async () => {
      const { topic, producer, gateway } = await setup(0, undefined);
      const { url } = await gateway();
      const headers = { 'X-Gravitee-Client-Identifier': 'streaming' };
      const stream = await openRawStream(`${url}/p`, { headers });
      const asked = performance.now();
      const page = await getPage(`${url}/p`, { wait: 0 });
      expect(performance.now() - asked, 'there is nothing to wait for').toBeLessThan(10_000);
      expect(page.items).toEqual([]);
      const cursor = page.pagination?.nextCursor;
      expect(Buffer.from(cursor ?? '', 'base64').toString()).toBe(`${topic}@0#-1`);
      await delay(LONGER_THAN_A_LINGER_MS);
      await createTopic(bootstrapServers(), topic, { partitions: 3 });
      await producer.write(topic, numbered(0, 9, 3));
      expect(numbersOf(await getPage(`${url}/p`, { wait: 0 })), 'without its cursor').toEqual(range(0, 9));
      expect(numbersOf(await getPage(`${url}/p`, { cursor, wait: 0 })), 'with it').toEqual(range(0, 9));
      await stream.until(() => stream.data.length >= 9, 30_000);
      expect(ascending(stream.data.map(Number))).toEqual(range(0, 9));
      await producer.close();
    });
  },
  { java: true },
);
