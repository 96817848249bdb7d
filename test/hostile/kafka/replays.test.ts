import { expect, it } from 'vitest';
import { earliestApi } from '../../e2e/support/earliest-api.js';
import { startGatewayProcess } from '../../e2e/support/gateway-process.js';
import { testProducer, uniqueTopic } from '../../e2e/support/numbered-records.js';
import { streamFrom } from '../../support/from-address.js';
import { createTopic } from '../../support/kafka/admin.js';
import { onRealKafka } from '../../support/kafka/on-real-kafka.js';
import { expectUnharmed, startNeighbour } from '../neighbour.js';

const RECORDS = 3000;

onRealKafka('clients that fill the replays of a cluster', (bootstrapServers) => {
  it('400 streams of one client far behind, none of which reads: another client catches up, and nobody else notices', async () => {
    const topic = uniqueTopic('replays');
    await createTopic(bootstrapServers, topic);
    const producer = await testProducer(bootstrapServers);
    const value = Buffer.alloc(1024, 'x');
    await producer.write(
      topic,
      Array.from({ length: RECORDS }, () => ({ value, partition: 0 })),
    );
    await producer.close();
    const consumer = { autoOffsetReset: 'latest' };
    const gateway = await startGatewayProcess({ apis: [earliestApi({ bootstrapServers, topic, consumer })] });
    const url = `${gateway.url}/events`;
    const neighbour = await startNeighbour(url, { localAddress: '127.0.0.2' });
    const headers = { 'last-event-id': Buffer.from(`${topic}@0#-1`).toString('base64') };
    const behind = { localAddress: '127.0.0.1', headers };
    // Some at a time: what so many connections at once cost is not what this is about.
    for (let wave = 0; wave < 20; wave++) {
      const opened = Array.from({ length: 20 }, () => streamFrom(url, { ...behind, reads: false }));
      expect((await Promise.all(opened)).every(({ status }) => status === 200)).toBe(true);
    }
    const begunAt = performance.now();
    const other = await streamFrom(url, { ...behind, localAddress: '127.0.0.3' });
    await expect
      .poll(() => other.text().split('data: xxx').length - 1, { timeout: 30_000 })
      .toBeGreaterThanOrEqual(RECORDS);
    // Behind all of them, each of which holds its place until it is found to take nothing, it would be longer.
    expect(performance.now() - begunAt).toBeLessThan(5000);
    expectUnharmed(await neighbour.report());
    expect(await gateway.stop()).toBe(0);
  });
});
