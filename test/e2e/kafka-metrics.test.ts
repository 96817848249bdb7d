import { expect, it } from 'vitest';
import { createTopic } from '../support/kafka/admin.js';
import { describeGroup } from '../support/kafka/describe-group.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { sampleValue, scrape } from '../support/prometheus.js';
import { earliestApi } from './support/earliest-api.js';
import { openEventLog } from './support/event-log.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { numbered, testProducer, uniqueTopic } from './support/numbered-records.js';

const LAG = 'kafka_consumer_group_lag_sum';

onRealKafka(
  'metrics of Kafka endpoints, on real Kafka',
  (bootstrapServers) => {
    const made = async (name: string) => {
      const topic = uniqueTopic(name);
      await createTopic(bootstrapServers, topic, { partitions: 2 });
      return topic;
    };

    it("the lag of a group is what Kafka's own tool says, also while its reader is held up", async () => {
      const topic = await made('lag');
      const groupId = uniqueTopic('lag-group');
      const api = earliestApi({
        bootstrapServers,
        topic,
        id: 'lag',
        qos: 'at-least-once',
        consumer: { groupId },
        get: { messagesLimitCount: 10 },
      });
      const gateway = await startGatewayProcess({ apis: [api], args: ['--strict'] });
      const producer = await testProducer(bootstrapServers);
      const page = async () => {
        const answer = await fetch(`${gateway.url}/lag`, { headers: { accept: 'application/json' } });
        return ((await answer.json()) as { items: unknown[] }).items.length;
      };
      // Kafka's tool leaves out a partition of which nothing is recorded.
      await producer.write(topic, numbered(0, 10, 2));
      let read = await page();
      while (read < 10) read += await page();
      // More than waits in a lane, so that both partitions are paused.
      await producer.write(topic, numbered(10, 6000, 2));
      const told = async () => sampleValue(await scrape(gateway.adminUrl), LAG, { group: groupId, topic });
      await expect.poll(told, { timeout: 10_000 }).toBe(5990);
      const sum = async () =>
        (await describeGroup(bootstrapServers, groupId)).reduce((all, { lag }) => all + (lag ?? 0), 0);
      expect(await sum()).toBe(5990);
      await producer.write(topic, numbered(6000, 6100, 2));
      expect(await told()).toBe(6090);
      expect(await sum()).toBe(6090);
      const metrics = await scrape(gateway.adminUrl);
      const labels = { kind: 'kafka', topic, origin: 'subscriber' };
      expect(sampleValue(metrics, 'messaging_read_body_size_bytes_count', labels)).toBe(10);
      expect(sampleValue(metrics, 'messaging_read_ack_duration_seconds_count', labels)).toBeGreaterThan(0);
      const consumed = { messaging_destination_name: topic, messaging_operation_name: 'poll' };
      expect(sampleValue(metrics, 'messaging_client_consumed_messages_total', consumed)).toBeGreaterThan(
        2000,
      );
      await producer.close();
      expect(await gateway.stop()).toBe(0);
    });

    it('a stream without a group, and groups that clients name, show no name of a client', async () => {
      const topic = await made('shared');
      const apis = ['none', 'at-least-once'].map((qos) =>
        earliestApi({ bootstrapServers, topic, id: qos, qos }),
      );
      const gateway = await startGatewayProcess({ apis, args: ['--strict'] });
      for (let n = 0; n < 5; n++) {
        const posted = await fetch(`${gateway.url}/none`, { method: 'POST', body: 'x'.repeat(n) || 'first' });
        expect(posted.status).toBe(202);
      }
      const streams = ['none', 'at-least-once'].map((id) => openEventLog(`${gateway.url}/${id}`));
      for (const stream of streams) await stream.until((events) => events.length === 5, 30_000);
      const lagTold = async () =>
        sampleValue(await scrape(gateway.adminUrl), LAG, { group: '_other', topic });
      await expect.poll(lagTold, { timeout: 10_000 }).toBe(0);
      const metrics = await scrape(gateway.adminUrl);
      const cluster = { cluster: bootstrapServers };
      expect(sampleValue(metrics, 'sluice_kafka_reader_lag', { topic })).toBe(0);
      expect(sampleValue(metrics, 'sluice_kafka_consumers', { ...cluster, reader: 'shared' })).toBe(1);
      expect(sampleValue(metrics, 'sluice_kafka_consumers', { ...cluster, reader: 'group' })).toBe(1);
      expect(sampleValue(metrics, 'sluice_kafka_producer_queue', cluster)).toBe(0);
      const write = { kind: 'kafka', topic };
      expect(sampleValue(metrics, 'messaging_write_body_size_bytes_count', write)).toBe(5);
      expect(sampleValue(metrics, 'messaging_write_body_size_bytes_sum', write)).toBe(5 + 1 + 2 + 3 + 4);
      expect(sampleValue(metrics, 'messaging_write_body_duration_seconds_sum', write)).toBeGreaterThan(0);
      expect(sampleValue(metrics, 'messaging_read_body_size_bytes_count', write)).toBe(10);
      for (const stream of streams) stream.close();
      expect(await gateway.stop()).toBe(0);
    });

    it("librdkafka's statistics, once they are asked for", async () => {
      const topic = await made('statistics');
      const apis = [
        earliestApi({ bootstrapServers, topic, id: 'with', shared: { statisticsIntervalMs: 100 } }),
        earliestApi({ bootstrapServers, topic, id: 'without' }),
      ];
      const gateway = await startGatewayProcess({ apis, args: ['--strict'] });
      const ask = async (path: string) => {
        const answer = await fetch(`${gateway.adminUrl}/apis/${path}`);
        const body = (await answer.json()) as { message?: string; clients?: Record<string, unknown>[] };
        return { status: answer.status, ...body };
      };
      await fetch(`${gateway.url}/with`, { method: 'POST', body: 'x' });
      const stream = openEventLog(`${gateway.url}/with`);
      await stream.until((events) => events.length === 1, 30_000);
      const types = async () =>
        (await ask('with/endpoints/default/statistics')).clients?.map(({ type }) => type).sort();
      await expect.poll(types, { timeout: 10_000 }).toEqual(expect.arrayContaining(['consumer', 'producer']));
      const { clients = [] } = await ask('with/endpoints/default/statistics');
      expect(clients.find(({ type }) => type === 'producer')?.topics).toHaveProperty(topic);
      expect(await ask('without/endpoints/default/statistics')).toMatchObject({
        status: 404,
        message: expect.stringContaining('statisticsIntervalMs'),
      });
      expect(await ask('with/endpoints/other/statistics')).toMatchObject({ status: 404 });
      expect(await ask('other/endpoints/default/statistics')).toMatchObject({ status: 404 });
      stream.close();
      expect(await gateway.stop()).toBe(0);
    });
  },
  { java: true },
);

it('a cluster that is away is told as failures to write and to read', async () => {
  const api = earliestApi({ bootstrapServers: '127.0.0.1:1', topic: 'away', id: 'away' });
  const gateway = await startGatewayProcess({ apis: [api] });
  expect((await fetch(`${gateway.url}/away`, { method: 'POST', body: 'x' })).status).toBe(503);
  const stream = await fetch(`${gateway.url}/away`, { headers: { accept: 'text/event-stream' } });
  expect(stream.status).toBe(503);
  const metrics = await scrape(gateway.adminUrl);
  const own = { kind: 'kafka', topic: 'away' };
  expect(sampleValue(metrics, 'messaging_write_failure_count_seconds_count', own)).toBe(1);
  expect(sampleValue(metrics, 'messaging_read_failure_count_seconds_count', own)).toBe(1);
  const error = { error_type: 'ENDPOINT_UNAVAILABLE' };
  expect(sampleValue(metrics, 'messaging_client_sent_messages_total', error)).toBe(1);
  expect(await gateway.stop()).toBe(0);
});
