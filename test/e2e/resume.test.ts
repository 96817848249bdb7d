import { expect, it } from 'vitest';
import { createTopic } from '../support/kafka/admin.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { startCutProxy } from './support/cut-proxy.js';
import { earliestApi } from './support/earliest-api.js';
import { type LoggedEvent, openEventLog } from './support/event-log.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { numbered, testProducer, uniqueTopic } from './support/numbered-records.js';

const RECORDS = 50_000;
const PARTITIONS = 6;
const CUTS = 20;

/** What a client must never see: a number twice, one missing, or a partition's numbers out of order. */
function expectEachOnceInOrder(events: readonly LoggedEvent[], count: number): void {
  const numbers = events.map(({ data }) => Number(data));
  expect(new Set(numbers).size, 'distinct').toBe(count);
  expect(numbers.length, 'doubled').toBe(count);
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const own = numbers.filter((number) => number % PARTITIONS === partition);
    expect(own, `order of partition ${partition}`).toEqual(own.toSorted((a, b) => a - b));
  }
}

onRealKafka('an EventSource client on real Kafka', (bootstrapServers) => {
  it.each(['none', 'at-best', 'at-most-once', 'at-least-once'])(
    'logs each of 50,000 records exactly once, in order, though cut 20 times (%s)',
    async (qos) => {
      const topic = uniqueTopic('cuts');
      await createTopic(bootstrapServers, topic, { partitions: PARTITIONS });
      const gateway = await startGatewayProcess({ apis: [earliestApi({ bootstrapServers, topic, qos })] });
      const proxy = await startCutProxy(gateway.port);
      const producer = await testProducer(bootstrapServers);
      const log = openEventLog(`http://127.0.0.1:${proxy.port}/events`);
      await log.until(() => log.connects > 0, 20_000);

      const share = RECORDS / (CUTS + 1);
      let written = 0;
      for (let cut = 0; cut <= CUTS; cut++) {
        const next = cut === CUTS ? RECORDS : Math.round(share * (cut + 1));
        const writing = producer.write(topic, numbered(written, next, PARTITIONS));
        if (cut < CUTS) {
          // At a random moment of what is being written now, so that data is on the wire.
          const target = written + Math.floor(Math.random() * (next - written));
          await log.until((events) => events.length > target, 40_000);
          const connects = log.connects;
          expect(proxy.cut(), 'connections cut').toBeGreaterThan(0);
          await log.until(() => log.connects > connects, 20_000);
        }
        await writing;
        written = next;
      }
      await log.until((events) => events.length >= RECORDS, 60_000);
      expectEachOnceInOrder(log.events, RECORDS);
      expect(await gateway.stop()).toBe(0);
      await producer.close();
    },
    240_000,
  );
});
