import { expect, it } from 'vitest';
import { createTopic } from '../support/kafka/admin.js';
import { endOffsets } from '../support/kafka/console.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { earliestApi } from './support/earliest-api.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { numbered, testProducer, uniqueTopic } from './support/numbered-records.js';
import { openRawStream } from './support/raw-stream.js';

const PARTITIONS = 3;
const RECORDS = 9000;
/** The broker frees a killed member's partitions after this. */
const SESSION_MS = 6000;

onRealKafka(
  'a gateway killed with SIGKILL while it streams',
  (bootstrapServers) => {
    /** Reads with a client that has no cursor, kills the gateway three times; what the client got, and the broker's count. */
    async function readThroughKills(qos: string): Promise<{ got: readonly number[]; stored: number }> {
      const topic = uniqueTopic('kill');
      await createTopic(bootstrapServers, topic, { partitions: PARTITIONS });
      const api = earliestApi({ bootstrapServers, topic, qos, consumer: { sessionTimeoutMs: SESSION_MS } });
      const producer = await testProducer(bootstrapServers);
      const got: number[] = [];
      for (let round = 0; round < 4; round++) {
        const gateway = await startGatewayProcess({ apis: [api] });
        const last = round === 3;
        const stream = await openRawStream(`${gateway.url}/events`);
        expect(stream.status).toBe(200);
        const share = RECORDS / 4;
        const writing = producer.write(topic, numbered(round * share, (round + 1) * share, PARTITIONS));
        if (last) {
          await writing;
          // Everything there is to get is there once a last record of each partition has come.
          const ends = numbered(RECORDS, RECORDS + PARTITIONS, PARTITIONS);
          await producer.write(topic, ends);
          await stream.until(
            () => ends.every(({ value }) => stream.data.includes(String(value))),
            SESSION_MS + 40_000,
          );
          got.push(...stream.data.map(Number));
          expect(await gateway.stop()).toBe(0);
        } else {
          await stream.until(() => stream.data.length > share / 3, SESSION_MS + 40_000);
          await gateway.kill();
          await stream.ended;
          await writing;
          got.push(...stream.data.map(Number));
        }
      }
      await producer.close();
      const stored = [...(await endOffsets(bootstrapServers, topic)).values()].reduce((a, b) => a + b, 0);
      return { got, stored };
    }

    it('loses nothing under at-least-once', async () => {
      const { got, stored } = await readThroughKills('at-least-once');
      expect(stored).toBe(RECORDS + PARTITIONS);
      expect(new Set(got).size).toBe(stored);
    }, 240_000);

    it('doubles nothing under at-most-once', async () => {
      const { got, stored } = await readThroughKills('at-most-once');
      expect(stored).toBe(RECORDS + PARTITIONS);
      expect(got.length).toBe(new Set(got).size);
      expect(got.length).toBeGreaterThan(RECORDS / 2);
    }, 240_000);
  },
  { java: true },
);
