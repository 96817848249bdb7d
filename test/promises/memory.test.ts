import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startGatewayProcess } from '../e2e/support/gateway-process.js';
import { numbered, testProducer, uniqueTopic } from '../e2e/support/numbered-records.js';
import { openRawStream, type RawStream } from '../e2e/support/raw-stream.js';
import { createTopic } from '../support/kafka/admin.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { defaultApi } from './support/default-api.js';

const CLIENTS = 10;
const RECORDS = 120_000;
const FILLER = 'x'.repeat(1000);
/** What ten groups may hold, each its reader's, librdkafka's and the event loop's bound, and what a busy process has anyway. */
const MOST_MIB = 700;

onRealKafka('clients of a level with memory that take nothing', (bootstrapServers) => {
  it('hold no more than the bounds say, however often they come back', async () => {
    const topic = uniqueTopic('stalled');
    await createTopic(bootstrapServers, topic, { partitions: 6 });
    const producer = await testProducer(bootstrapServers);
    const records = numbered(0, RECORDS, 6).map(({ value, ...rest }) => ({
      ...rest,
      value: Buffer.from(`${value} ${FILLER}`),
    }));
    await producer.write(topic, records);
    await producer.close();
    const consumer = { autoOffsetReset: 'earliest' };
    const api = defaultApi({ bootstrapServers, id: 'p', topics: [topic], qos: 'at-least-once', consumer });
    const gateway = await startGatewayProcess({ apis: [api] });
    let most = 0;
    const watch = async (ms: number) => {
      for (const until = performance.now() + ms; performance.now() < until; await delay(250))
        most = Math.max(most, await gateway.rssMib());
    };
    for (let round = 0; round < 3; round++) {
      const streams: RawStream[] = [];
      for (let client = 0; client < CLIENTS; client++) {
        const headers = { 'X-Gravitee-Client-Identifier': `stalled-${client}` };
        streams.push(await openRawStream(`${gateway.url}/p`, { read: false, headers }));
      }
      await watch(5000);
      for (const stream of streams) stream.close();
    }
    expect(most).toBeLessThan(MOST_MIB);
  });
});
