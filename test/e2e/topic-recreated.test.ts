import { expect, it } from 'vitest';
import { createTopic, deleteTopic } from '../support/kafka/admin.js';
import { consoleConsume } from '../support/kafka/console.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { earliestApi } from './support/earliest-api.js';
import { openEventLog } from './support/event-log.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { testProducer, uniqueTopic } from './support/numbered-records.js';

onRealKafka(
  'a topic is deleted and made again',
  (bootstrapServers) => {
    it.each([
      ['shorter than the old one was read', 5],
      ['longer than the old one was read', 60],
    ])('%s: streams stay, are told, and get all of it', async (_, count) => {
      const topic = uniqueTopic('again');
      await createTopic(bootstrapServers, topic);
      const of = (id: string, qos: string) =>
        earliestApi({ bootstrapServers, topic, id, qos, consumer: { autoOffsetReset: 'latest' } });
      const apis = [of('none', 'none'), of('group', 'at-least-once')];
      const gateway = await startGatewayProcess({ apis, args: ['--strict'] });
      const producer = await testProducer(bootstrapServers);
      const values = (name: string, to: number) => Array.from({ length: to }, (_, at) => `${name} ${at}`);
      const write = (bodies: readonly string[]) =>
        producer.write(
          topic,
          bodies.map((body) => ({ value: Buffer.from(body), partition: 0 })),
        );
      const logs = ['none', 'group'].map((id) => openEventLog(`${gateway.url}/${id}`));
      // Each reads from the end, once it has a place there.
      for (const log of logs) {
        for (let probe = 0; log.events.length === 0; probe++) {
          await write([`probe ${probe}`]);
          await log.until((events) => events.length > 0, 500).catch(() => {});
        }
      }
      await write(values('old', 20));
      const had = (log: (typeof logs)[0], name: string) =>
        log.events.filter(({ data }) => data.startsWith(name)).map(({ data }) => data);
      for (const log of logs) await log.until(() => had(log, 'old').length === 20, 30_000);
      await deleteTopic(bootstrapServers, topic);
      await createTopic(bootstrapServers, topic);
      await write(values('new', count));
      expect(await consoleConsume(bootstrapServers, topic, { count })).toHaveLength(count);
      for (const log of logs) {
        await log.until(() => had(log, 'new').length >= count, 30_000);
        await write(['last']);
        await log.until(() => had(log, 'last').length > 0, 30_000);
        expect(had(log, 'new')).toEqual(values('new', count));
      }
      // The stream without a group has stayed, and was told.
      expect(logs[0]?.connects).toBe(1);
      const gap = logs[0]?.events.find(({ type }) => type === 'gap');
      expect(JSON.parse(gap?.data ?? '{}')).toMatchObject({ source: `${topic}@0`, to: 0 });
      for (const log of logs) log.close();
      await producer.close();
      expect(await gateway.stop()).toBe(0);
    });
  },
  { java: true },
);
