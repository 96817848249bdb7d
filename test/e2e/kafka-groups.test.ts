import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createTopic } from '../support/kafka/admin.js';
import { ensureKafkaJars } from '../support/kafka/jars.js';
import { runJavaTool } from '../support/kafka/java.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { earliestApi } from './support/earliest-api.js';
import { openEventLog } from './support/event-log.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { testProducer, uniqueTopic } from './support/numbered-records.js';

const PARTITIONS = [0, 1, 2, 3];

onRealKafka(
  'groups whose partitions move one by one, on real Kafka',
  (bootstrapServers) => {
    it.each([
      ['cooperative-sticky', { assignmentStrategies: ['cooperative-sticky'] }, /cooperative-sticky/],
      ['the protocol of KIP-848', { groupProtocol: 'consumer', remoteAssignor: 'uniform' }, /uniform/],
    ])(
      '%s: a second gateway takes its share and gives it back; nothing is lost',
      async (_, options, told) => {
        const topic = uniqueTopic('moving');
        await createTopic(bootstrapServers, topic, { partitions: PARTITIONS.length });
        const consumer = { groupId: topic, commitIntervalMs: 200, ...options };
        const api = earliestApi({ bootstrapServers, topic, id: 'shared', qos: 'at-least-once', consumer });
        const start = () => startGatewayProcess({ apis: [api], args: ['--strict'] });
        const producer = await testProducer(bootstrapServers);
        let written = 0;
        let stopped = false;
        let paused = false;
        const writing = (async () => {
          while (!stopped) {
            if (paused) {
              await delay(20);
              continue;
            }
            const number = written++;
            const values = PARTITIONS.map((partition) => ({ partition, value: `${partition}:${number}` }));
            await producer.write(
              topic,
              values.map(({ partition, value }) => ({ partition, value: Buffer.from(value) })),
            );
            await delay(20);
          }
        })();
        const one = await start();
        const first = openEventLog(`${one.url}/shared`);
        const partitionsSince = (log: typeof first, from: number) =>
          new Set(log.events.slice(from).map(({ data }) => Number(data.split(':')[0])));
        await first.until(() => partitionsSince(first, 0).size === 4, 30_000);
        const two = await start();
        const second = openEventLog(`${two.url}/shared`);
        await second.until(() => partitionsSince(second, 0).size === 2, 60_000);
        const state = await runJavaTool({
          jars: await ensureKafkaJars(),
          mainClass: 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
          args: ['--bootstrap-server', bootstrapServers, '--describe', '--group', topic, '--state'],
        });
        expect(state.stdout).toMatch(told);
        // What a client was written and has not read when it leaves is its own loss: it has a last id.
        const all = () => [...first.events, ...second.events].map(({ data }) => data);
        paused = true;
        const missing = () => written * PARTITIONS.length - new Set(all()).size;
        await expect.poll(missing, { timeout: 30_000 }).toBe(0);
        const moved = partitionsSince(second, 0);
        second.close();
        expect(await two.stop()).toBe(0);
        const left = first.events.length;
        paused = false;
        await first.until(() => partitionsSince(first, left).size === 4, 60_000);
        stopped = true;
        await writing;
        const total = written * PARTITIONS.length;
        await first.until(() => new Set(all()).size === total, 30_000);
        // What the first gateway kept all the time never came twice, and in order.
        for (const partition of PARTITIONS.filter((each) => !moved.has(each))) {
          const own = first.events.map(({ data }) => data).filter((data) => data.startsWith(`${partition}:`));
          expect(own).toEqual(Array.from({ length: written }, (_, number) => `${partition}:${number}`));
        }
        first.close();
        await producer.close();
        expect(await one.stop()).toBe(0);
      },
    );
  },
  { java: true },
);
