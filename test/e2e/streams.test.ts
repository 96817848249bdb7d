import { expect, it } from 'vitest';
import { createTopic } from '../support/kafka/admin.js';
import { endOffsets } from '../support/kafka/console.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { earliestApi } from './support/earliest-api.js';
import { openEventLog } from './support/event-log.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { numbered, testProducer, uniqueTopic } from './support/numbered-records.js';
import { openRawStream } from './support/raw-stream.js';

onRealKafka(
  'streams on real Kafka',
  (bootstrapServers) => {
    it('resumes on partitions that were idle before the cut', async () => {
      const topic = uniqueTopic('idle');
      await createTopic(bootstrapServers, topic, { partitions: 6 });
      const producer = await testProducer(bootstrapServers);
      const api = earliestApi({ bootstrapServers, topic, consumer: { autoOffsetReset: 'latest' } });
      const gateway = await startGatewayProcess({ apis: [api] });
      const first = openEventLog(`${gateway.url}/events`);
      await first.until(() => first.connects === 1, 10_000);
      await producer.write(topic, [{ value: Buffer.from('seen'), partition: 2 }]);
      await first.until((events) => events.length === 1, 10_000);
      first.close();
      // While the client is away, each partition gets a record, five of them their first.
      await producer.write(topic, numbered(0, 6, 6));
      const lastEventId = encodeURIComponent(first.events[0]?.id ?? '');
      const second = openEventLog(`${gateway.url}/events?lastEventId=${lastEventId}`);
      await second.until((events) => events.length === 6, 10_000);
      expect(second.events.map(({ data }) => data).toSorted()).toEqual(['0', '1', '2', '3', '4', '5']);
      await producer.close();
    });

    it('gives an id before the first event, so that a client cut before it misses nothing', async () => {
      const topic = uniqueTopic('first');
      await createTopic(bootstrapServers, topic, { partitions: 2 });
      const producer = await testProducer(bootstrapServers);
      const api = earliestApi({ bootstrapServers, topic, consumer: { autoOffsetReset: 'latest' } });
      const gateway = await startGatewayProcess({ apis: [api] });
      // By hand: npm's EventSource, unlike browsers, forgets an id that came without data.
      const response = await fetch(`${gateway.url}/events`, { headers: { accept: 'text/event-stream' } });
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      let text = '';
      while (!/^id: .*\n\n/m.test(text)) text += Buffer.from((await reader.read()).value ?? []).toString();
      await reader.cancel();
      await producer.write(topic, [{ value: Buffer.from('while away'), partition: 1 }]);
      const lastEventId = /^id: (.*)$/m.exec(text)?.[1] ?? '';
      const log = openEventLog(`${gateway.url}/events?lastEventId=${encodeURIComponent(lastEventId)}`);
      await log.until((events) => events.length === 1, 10_000);
      expect(log.events[0]?.data).toBe('while away');
      await producer.close();
    });

    it('tells text, binary, empty and tombstone apart, and keeps line ends and headers', async () => {
      const topic = uniqueTopic('payloads');
      const producer = await testProducer(bootstrapServers);
      await createTopic(bootstrapServers, topic);
      const headers = [{ a: Buffer.from('1') }, { a: Buffer.from('2') }, { none: null }];
      await producer.write(topic, [
        { value: Buffer.from('{\n  "a": "ä"\n}'), headers },
        { value: Buffer.from([0xff, 0x00, 0xfe]) },
        { value: Buffer.alloc(0) },
        { value: null, key: Buffer.from('gone') },
      ]);
      const sse = { headersAsComment: true, metadataAsComment: true };
      const gateway = await startGatewayProcess({ apis: [earliestApi({ bootstrapServers, topic, sse })] });
      const log = openEventLog(`${gateway.url}/events`);
      await log.until((events) => events.length === 4, 10_000);
      expect(log.events.map(({ type, data }) => [type, data])).toEqual([
        ['message', '{\n  "a": "ä"\n}'],
        ['binary', '/wD+'],
        ['message', ''],
        ['tombstone', ''],
      ]);
      const raw = await fetch(`${gateway.url}/events`, { headers: { accept: 'text/event-stream' } });
      const reader = (raw.body as ReadableStream<Uint8Array>).getReader();
      let text = '';
      while (!text.includes(':key: gone')) text += Buffer.from((await reader.read()).value ?? []).toString();
      await reader.cancel();
      expect(text).toContain(':a: 1,2\n:none: \n:topic: ');
      await producer.close();
    });

    it('goes on, from the first record, on a topic that did not exist when the stream began', async () => {
      const topic = uniqueTopic('later');
      const producer = await testProducer(bootstrapServers);
      const api = earliestApi({ bootstrapServers, topic, consumer: { autoOffsetReset: 'latest' } });
      const gateway = await startGatewayProcess({ apis: [api] });
      const log = openEventLog(`${gateway.url}/events`);
      await log.until(() => log.connects === 1, 10_000);
      await createTopic(bootstrapServers, topic, { partitions: 3 });
      await producer.write(topic, numbered(0, 9, 3));
      await log.until((events) => events.length === 9, 15_000);
      expect(log.events.map(({ data }) => Number(data)).toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
      expect(log.connects).toBe(1);
      await producer.close();
    });

    it('tells of the gap when retention has passed the cursor', async () => {
      const topic = uniqueTopic('gap');
      await createTopic(bootstrapServers, topic, { partitions: 1 });
      const producer = await testProducer(bootstrapServers);
      await producer.write(topic, numbered(0, 100, 1));
      const { deleteRecordsBefore } = await import('./support/delete-records.js');
      await deleteRecordsBefore(bootstrapServers, topic, 0, 60);
      const gateway = await startGatewayProcess({ apis: [earliestApi({ bootstrapServers, topic })] });
      const cursor = Buffer.from(`${topic}@0#10`).toString('base64');
      const log = openEventLog(`${gateway.url}/events?lastEventId=${encodeURIComponent(cursor)}`);
      await log.until((events) => events.length === 41, 10_000);
      expect(log.events[0]?.type).toBe('gap');
      const gap = { key: 'CURSOR_EXPIRED', source: `${topic}@0`, from: 11, to: 60 };
      expect(JSON.parse(log.events[0]?.data ?? '')).toEqual(gap);
      expect(log.events[1]?.data).toBe('60');
      await producer.close();
    });

    it('is not held back by a client that reads nothing, and 200 of them leave memory flat', async () => {
      const topic = uniqueTopic('slow');
      await createTopic(bootstrapServers, topic, { partitions: 2 });
      const producer = await testProducer(bootstrapServers);
      const sse = { stallTimeoutMs: 60_000 };
      const gateway = await startGatewayProcess({ apis: [earliestApi({ bootstrapServers, topic, sse })] });
      for (let index = 0; index < 200; index++) {
        const slow = await openRawStream(`${gateway.url}/events`, { read: false });
        expect(slow.status).toBe(200);
      }
      const fast = openEventLog(`${gateway.url}/events`);
      await fast.until(() => fast.connects === 1, 10_000);
      const payload = Buffer.alloc(2000, 'x');
      const round = async (count: number) => {
        const records = Array.from({ length: count }, (_, index) => ({
          value: payload,
          partition: index % 2,
        }));
        await producer.write(topic, records);
      };
      await round(10_000);
      await fast.until((events) => events.length === 10_000, 60_000);
      // The ring (16 MiB), what waits for it (8), for each stuck client one batch that all share (256 KiB), and Node
      // itself with what its collector has not got to. Held for each client it would be 4,000 MiB, then 12,000.
      expect(await gateway.rssMib()).toBeLessThan(450);
      await round(20_000);
      await fast.until((events) => events.length === 30_000, 60_000);
      expect(await gateway.rssMib()).toBeLessThan(450);
      await producer.close();
    }, 240_000);

    it('drains on SIGTERM: everything answered 202 is stored, streams are told to go, exit 0', async () => {
      const topic = uniqueTopic('drain');
      await createTopic(bootstrapServers, topic, { partitions: 1 });
      const gateway = await startGatewayProcess({ apis: [earliestApi({ bootstrapServers, topic })] });
      const log = openEventLog(`${gateway.url}/events`);
      await log.until(() => log.connects === 1, 10_000);
      let accepted = 0;
      let refused = 0;
      const clients = Array.from({ length: 20 }, async () => {
        for (;;) {
          try {
            const response = await fetch(`${gateway.url}/events`, { method: 'POST', body: 'x' });
            await response.arrayBuffer();
            if (response.status === 202) accepted++;
            else refused++;
          } catch {
            return;
          }
        }
      });
      await log.until((events) => events.length > 500, 20_000);
      const code = await gateway.stop();
      await Promise.all(clients);
      expect(code).toBe(0);
      expect(accepted).toBeGreaterThan(500);
      const stored = (await endOffsets(bootstrapServers, topic)).get(0) ?? 0;
      expect(stored).toBeGreaterThanOrEqual(accepted);
      expect(stored - accepted).toBeLessThanOrEqual(refused + 20);
      expect(log.events.at(-1)?.type).toBe('goaway');
    });
  },
  { java: true },
);
