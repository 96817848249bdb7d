import { expect, it } from 'vitest';
import { createTopic } from '../support/kafka/admin.js';
import { consoleConsume } from '../support/kafka/console.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { type WsClient, wsClient } from '../support/ws-client.js';
import { earliestApi } from './support/earliest-api.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { numbered, testProducer, uniqueTopic } from './support/numbered-records.js';

const JSON_V1 = { protocol: 'sluice.json.v1' };
const RECORDS = 3000;
const PARTITIONS = 3;

async function filled(bootstrapServers: string, count: number): Promise<string> {
  const topic = uniqueTopic('ws');
  await createTopic(bootstrapServers, topic, { partitions: PARTITIONS });
  const producer = await testProducer(bootstrapServers);
  if (count > 0) await producer.write(topic, numbered(0, count, PARTITIONS));
  await producer.close();
  return topic;
}

const numbersOf = (client: WsClient) =>
  client.json().flatMap(({ type, content }) => (type === 'message' ? [Number(content)] : []));

function expectOrdered(numbers: readonly number[]): void {
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const own = numbers.filter((number) => number % PARTITIONS === partition);
    expect(own, `order of partition ${partition}`).toEqual(own.toSorted((a, b) => a - b));
  }
}

onRealKafka(
  'websocket on real Kafka',
  (bootstrapServers) => {
    it('acknowledged messages are never lost, though the gateway is killed and clients are cut', async () => {
      const topic = await filled(bootstrapServers, RECORDS);
      const consumer = { commitIntervalMs: 50, sessionTimeoutMs: 6000 };
      const api = earliestApi({
        bootstrapServers,
        topic,
        qos: 'at-least-once',
        consumer,
        ws: { maxInFlight: 200 },
      });
      let gateway = await startGatewayProcess({ apis: [api] });
      const acknowledged = new Set<number>();
      for (let round = 0; acknowledged.size < RECORDS; round++) {
        expect(round, 'rounds').toBeLessThan(8);
        const client = await wsClient(`${gateway.url}/events?acks=true`, JSON_V1);
        let settled = 0;
        // Rounds end after some acknowledgements, with others open; the last one takes all that is left.
        const goal = round < 3 ? acknowledged.size + 400 : RECORDS;
        while (acknowledged.size < goal) {
          await client.arrived(settled + 1, 60_000);
          const fresh = client.json().slice(settled);
          settled += fresh.length;
          client.ws.send(JSON.stringify({ type: 'ack', id: fresh.map(({ id }) => id) }));
          for (const { content } of fresh) acknowledged.add(Number(content));
        }
        expectOrdered(numbersOf(client));
        if (round === 1) {
          await gateway.kill();
          gateway = await startGatewayProcess({ apis: [api] });
        } else client.ws.terminate();
      }
      expect([...acknowledged].toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: RECORDS }, (_, n) => n),
      );
      expect(await gateway.stop()).toBe(0);
    });

    it('a client that comes back with its last id sees each record once, on every level that has one', async () => {
      for (const qos of ['none', 'at-best', 'at-most-once', 'at-least-once']) {
        const topic = await filled(bootstrapServers, 600);
        const gateway = await startGatewayProcess({ apis: [earliestApi({ bootstrapServers, topic, qos })] });
        const seen: number[] = [];
        let cursor = '';
        while (seen.length < 600) {
          const query = cursor === '' ? '' : `?cursor=${encodeURIComponent(cursor)}`;
          const client = await wsClient(`${gateway.url}/events${query}`, JSON_V1);
          await client.arrived(Math.min(150, 600 - seen.length), 60_000);
          client.ws.terminate();
          const frames = client.json();
          seen.push(...frames.map(({ content }) => Number(content)));
          cursor = String(frames.at(-1)?.id);
        }
        expect(
          seen.toSorted((a, b) => a - b),
          qos,
        ).toEqual(Array.from({ length: 600 }, (_, n) => n));
        expect(await gateway.stop()).toBe(0);
      }
    });

    it('published frames are in Kafka in their order, and receipts say where', async () => {
      const topic = uniqueTopic('ws-publish');
      await createTopic(bootstrapServers, topic, { partitions: 1 });
      const gateway = await startGatewayProcess({ apis: [earliestApi({ bootstrapServers, topic })] });
      const client = await wsClient(`${gateway.url}/events`, JSON_V1);
      for (let n = 0; n < 500; n++) {
        client.ws.send(JSON.stringify({ type: 'publish', id: String(n), key: `k${n}`, content: `m${n}` }));
      }
      const receipts = () => client.json().filter(({ type }) => type === 'receipt');
      await client.arrived(500, 30_000);
      // The client reads the same topic: its own messages come too.
      await client.arrived(1000, 30_000);
      expect(receipts().map(({ id, ok, storedAt }) => [id, ok, storedAt])).toEqual(
        Array.from({ length: 500 }, (_, n) => [
          String(n),
          true,
          [{ topic, partition: 0, offset: n, id: `${topic}@0#${n}` }],
        ]),
      );
      const behind = await wsClient(
        `${gateway.url}/events?cursor=${encodeURIComponent(`${topic}@0#498`)}`,
        JSON_V1,
      );
      await behind.arrived(1, 30_000);
      expect(behind.json()).toMatchObject([{ content: 'm499', metadata: { recordId: `${topic}@0#499` } }]);
      const stored = await consoleConsume(bootstrapServers, topic, { count: 500 });
      expect(stored.map(({ key, value }) => `${key} ${value}`)).toEqual(
        Array.from({ length: 500 }, (_, n) => `k${n} m${n}`),
      );
      expect(await gateway.stop()).toBe(0);
    });

    it('a receipt says where a message is, or that it is only queued, with nothing read at the level none too', async () => {
      const topic = uniqueTopic('ws-receipts');
      await createTopic(bootstrapServers, topic, { partitions: 1 });
      const ws = { subscriber: { enabled: false } };
      const receiptWith = async (producer: object) => {
        const gateway = await startGatewayProcess({
          apis: [earliestApi({ bootstrapServers, topic, ws, producer })],
        });
        const client = await wsClient(`${gateway.url}/events`, JSON_V1);
        client.ws.send(JSON.stringify({ type: 'publish', content: 'x' }));
        await client.arrived(1, 30_000);
        expect(await gateway.stop()).toBe(0);
        return client.json()[0];
      };
      const storedAt = [{ topic, partition: 0, offset: 0, id: `${topic}@0#0` }];
      expect(await receiptWith({})).toEqual({ type: 'receipt', ok: true, storedAt });
      const nowhere = { type: 'receipt', ok: true, storedAt: [], queued: true };
      expect(await receiptWith({ buffered: true })).toEqual(nowhere);
      const unacknowledged = { type: 'receipt', ok: true, storedAt: [{ topic, partition: 0 }], queued: true };
      expect(await receiptWith({ acks: '0' })).toEqual(unacknowledged);
    });
  },
  { java: true },
);
