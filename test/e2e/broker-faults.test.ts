import { expect, it } from 'vitest';
import { type KafkaBroker, startKafka } from '../support/kafka/broker.js';
import { endOffsets } from '../support/kafka/console.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { earliestApi } from './support/earliest-api.js';
import { openEventLog } from './support/event-log.js';
import { type GatewayProcess, startGatewayProcess } from './support/gateway-process.js';
import { uniqueTopic } from './support/numbered-records.js';

async function post(gateway: GatewayProcess, body: string, path = '/events'): Promise<Response> {
  return await fetch(gateway.url + path, { method: 'POST', body, headers: { accept: 'application/json' } });
}

/** Posts until one is accepted; resolves with the number of attempts. */
async function postUntilAccepted(gateway: GatewayProcess, body: string, timeoutMs: number): Promise<number> {
  const deadline = performance.now() + timeoutMs;
  for (let attempt = 1; ; attempt++) {
    const response = await post(gateway, body);
    await response.arrayBuffer();
    if (response.status === 202) return attempt;
    expect(response.status).toBe(503);
    if (performance.now() > deadline) throw new Error(`still ${response.status} after ${timeoutMs} ms`);
    // What a client does that heeds Retry-After.
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

onRealKafka(
  'a broker that fails',
  () => {
    async function broker(): Promise<KafkaBroker> {
      return await startKafka();
    }

    it('comes after the gateway: 503 until then, then it serves, without a restart', async () => {
      const kafkaBroker = await broker();
      try {
        await kafkaBroker.kill();
        const topic = uniqueTopic('late');
        const api = earliestApi({ bootstrapServers: kafkaBroker.bootstrapServers, topic });
        const gateway = await startGatewayProcess({ apis: [api] });
        const refused = await post(gateway, 'too early');
        expect(refused.status).toBe(503);
        expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
        expect(await refused.json()).toMatchObject({ key: 'ENDPOINT_UNAVAILABLE', http_status_code: 503 });
        const stream = await fetch(`${gateway.url}/events`, { headers: { accept: 'text/event-stream' } });
        expect(stream.status).toBe(503);
        await kafkaBroker.restart();
        await postUntilAccepted(gateway, 'in time', 30_000);
        const log = openEventLog(`${gateway.url}/events`);
        await log.until((events) => events.some(({ data }) => data === 'in time'), 20_000);
        expect(log.events.map(({ data }) => data)).not.toContain('too early');
        expect(await gateway.stop()).toBe(0);
      } finally {
        await kafkaBroker.stop();
      }
    });

    it('is killed while publishing: 503 within the delivery timeout, then it recovers; nothing accepted is lost', async () => {
      const kafkaBroker = await broker();
      try {
        const topic = uniqueTopic('crash');
        const { bootstrapServers } = kafkaBroker;
        const api = earliestApi({ bootstrapServers, topic, producer: { deliveryTimeoutMs: 3000 } });
        const gateway = await startGatewayProcess({ apis: [api] });
        const log = openEventLog(`${gateway.url}/events`);
        await postUntilAccepted(gateway, 'before', 20_000);
        const accepted = ['before'];
        await kafkaBroker.kill();
        const begun = performance.now();
        const answers = await Promise.all(
          Array.from({ length: 20 }, async (_, index) => {
            const response = await post(gateway, `during-${index}`);
            await response.arrayBuffer();
            if (response.status === 202) accepted.push(`during-${index}`);
            return response;
          }),
        );
        expect(performance.now() - begun).toBeLessThan(10_000);
        for (const response of answers) {
          expect(response.status).toBe(503);
          expect(response.headers.get('retry-after')).not.toBeNull();
        }
        await kafkaBroker.restart();
        await postUntilAccepted(gateway, 'after', 30_000);
        accepted.push('after');
        await log.until(
          (events) => accepted.every((body) => events.some(({ data }) => data === body)),
          30_000,
        );
        expect(gateway.log.filter(({ msg }) => String(msg).includes('nhandled'))).toEqual([]);
        expect(await gateway.stop()).toBe(0);
      } finally {
        await kafkaBroker.stop();
      }
    });

    it('hangs with a full queue: 429 for the client whose share it is, memory stays bounded, and it goes on afterwards', async () => {
      const kafkaBroker = await broker();
      try {
        const topic = uniqueTopic('full');
        const { bootstrapServers } = kafkaBroker;
        const producer = { maxQueuedMessages: 50, deliveryTimeoutMs: 20_000 };
        const gateway = await startGatewayProcess({
          apis: [earliestApi({ bootstrapServers, topic, producer })],
        });
        await postUntilAccepted(gateway, 'first', 20_000);
        await kafkaBroker.pause();
        const body = 'x'.repeat(1000);
        // Three quarters of the queue.
        const queued = Array.from({ length: 38 }, () => post(gateway, body));
        const before = await gateway.rssMib();
        const keys = new Set<string>();
        for (let round = 0; round < 20; round++) {
          const refused = await Promise.all(
            Array.from({ length: 100 }, () => post(gateway, body, '/events').then((r) => r.json())),
          );
          for (const { key } of refused as { key: string }[]) keys.add(key);
        }
        expect([...keys]).toEqual(['CLIENT_SHARE_EXHAUSTED']);
        expect((await gateway.rssMib()) - before).toBeLessThan(60);
        await kafkaBroker.resume();
        const late = await Promise.all(queued);
        expect(late.map(({ status }) => status).filter((status) => status !== 202)).toEqual([]);
        await postUntilAccepted(gateway, 'last', 20_000);
        expect((await endOffsets(bootstrapServers, topic)).get(0)).toBe(40);
        expect(await gateway.stop()).toBe(0);
      } finally {
        await kafkaBroker.stop();
      }
    });

    it('is stopped for a moment under a stream: the stream stays and misses nothing', async () => {
      const kafkaBroker = await broker();
      try {
        const topic = uniqueTopic('blip');
        const { bootstrapServers } = kafkaBroker;
        const gateway = await startGatewayProcess({ apis: [earliestApi({ bootstrapServers, topic })] });
        await postUntilAccepted(gateway, '0', 20_000);
        const log = openEventLog(`${gateway.url}/events`);
        await log.until((events) => events.length === 1, 20_000);
        await kafkaBroker.kill();
        await kafkaBroker.restart();
        for (let index = 1; index <= 20; index++) await postUntilAccepted(gateway, String(index), 30_000);
        await log.until((events) => events.some(({ data }) => data === '20'), 30_000);
        const numbers = [...new Set(log.events.map(({ data }) => Number(data)))];
        expect(numbers).toEqual(Array.from({ length: 21 }, (_, index) => index));
        expect(log.connects).toBe(1);
      } finally {
        await kafkaBroker.stop();
      }
    });
  },
  { java: true },
);
