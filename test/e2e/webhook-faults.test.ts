import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createTopic } from '../support/kafka/admin.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { earliestPushApi } from './support/earliest-push-api.js';
import { eventually, type FaultyCallbacks, faultyCallbacks } from './support/faulty-callbacks.js';
import { type GatewayProcess, startGatewayProcess } from './support/gateway-process.js';
import { numbered, testProducer, uniqueTopic } from './support/numbered-records.js';
import { readTopic } from './support/read-topic.js';

/** `20x20000x5` in SLUICE_TEST_WEBHOOKS: twenty subscriptions to twenty thousand records, five kills; nine minutes on two cores. */
const [SUBSCRIPTIONS = 5, RECORDS = 1000, KILLS = 2] = (process.env.SLUICE_TEST_WEBHOOKS ?? '5x1000')
  .split('x')
  .map(Number);
const PARTITIONS = 3;
const CONCURRENT = 5;
const PATIENCE_MS = 60_000 + RECORDS * SUBSCRIPTIONS * 2;
/** One of 200 records is refused for ever. */
const isPoison = (number: number) => number % 200 === 7;

onRealKafka(
  'webhooks whose callbacks fail, on a gateway that is killed',
  (bootstrapServers) => {
    it(
      'lose nothing and keep order under at-least-once, double nothing under at-most-once; dead letters hold the rest',
      async () => {
        const topic = uniqueTopic('hooks');
        await createTopic(bootstrapServers, topic, { partitions: PARTITIONS });
        const levels = ['at-least-once', 'at-most-once'];
        for (const qos of levels) {
          await createTopic(bootstrapServers, `${topic}-${topic}-${qos}-dlq`, { partitions: 1 });
        }
        const callbacks = await faultyCallbacks(isPoison);
        const folder = await mkdtemp(join(tmpdir(), 'sluice-hooks-'));
        onTestFinished(() => rm(folder, { recursive: true, force: true }));
        const apis = join(folder, 'apis');
        await mkdir(apis);
        const ids = Array.from({ length: SUBSCRIPTIONS }, (_, index) => `${index}`);
        const idOf = (qos: string, index: string) => `${topic}-${qos}-${index}`;
        for (const qos of levels) {
          const id = `${topic}-${qos}`;
          await writeFile(
            join(apis, `${qos}.api.json`),
            JSON.stringify(earliestPushApi({ id, qos, bootstrapServers, topic, concurrent: CONCURRENT })),
          );
          for (const index of ids) {
            const document = {
              api: id,
              id: idOf(qos, index),
              configuration: {
                entrypointId: 'webhook',
                entrypointConfiguration: {
                  callbackUrl: `${callbacks.sink.url}/${idOf(qos, index)}`,
                  retry: {
                    retryStrategy: 'EXPONENTIAL',
                    maxAttempts: 4,
                    initialDelaySeconds: 0.01,
                    maxDelaySeconds: 0.1,
                    maxRetryAfterSeconds: 0.05,
                    statuses: ['3xx', '429', '5xx'],
                  },
                },
              },
            };
            await writeFile(join(apis, `${qos}-${index}.subscription.json`), JSON.stringify(document));
          }
        }
        const start = () =>
          startGatewayProcess({
            folder: apis,
            args: ['--strict', '--data-dir', join(folder, 'data')],
            env: { SLUICE_WEBHOOK_ALLOW_TARGETS: '127.0.0.1' },
          });

        const producer = await testProducer(bootstrapServers);
        await producer.write(topic, numbered(0, RECORDS, PARTITIONS));
        await producer.close();

        const total = (qos: string) =>
          ids.reduce((sum, index) => sum + new Set(callbacks.accepted(`/${idOf(qos, index)}`)).size, 0);
        let gateway: GatewayProcess = await start();
        for (let kill = 1; kill <= KILLS; kill++) {
          const before = total('at-least-once') + total('at-most-once');
          const share = (2 * RECORDS * SUBSCRIPTIONS) / (KILLS + 2);
          const reached = () => total('at-least-once') + total('at-most-once') - before > share;
          await eventually(reached, PATIENCE_MS, () => progress(callbacks, levels, ids, idOf));
          await gateway.kill();
          gateway = await start();
        }
        // Poison and records whose every try failed lie with the dead letters.
        const letters = async (qos: string) =>
          (await readTopic(bootstrapServers, `${topic}-${topic}-${qos}-dlq`, 1)).map(
            ({ value, headers }) => ({
              number: Number(value),
              subscription: headers['sluice-dlq-subscription'] ?? '',
            }),
          );
        const missing = async (qos: string, index: string) => {
          const accounted = new Set([
            ...callbacks.accepted(`/${idOf(qos, index)}`),
            ...(await letters(qos)).flatMap((one) =>
              one.subscription === idOf(qos, index) ? [one.number] : [],
            ),
          ]);
          return Array.from({ length: RECORDS }, (_, number) => number).filter(
            (number) => !accounted.has(number),
          );
        };
        const settled = async () => {
          for (const index of ids) if ((await missing('at-least-once', index)).length > 0) return false;
          return true;
        };
        const delivered = () => total('at-least-once') >= RECORDS * SUBSCRIPTIONS * 0.98;
        await eventually(delivered, PATIENCE_MS, () => progress(callbacks, levels, ids, idOf));
        await eventually(settled, PATIENCE_MS, () => progress(callbacks, levels, ids, idOf));
        await eventually(
          async () => {
            let lost = 0;
            for (const index of ids) lost += (await missing('at-most-once', index)).length;
            return lost <= KILLS * CONCURRENT * SUBSCRIPTIONS;
          },
          PATIENCE_MS,
          () => progress(callbacks, levels, ids, idOf),
        );
        expect(await gateway.stop()).toBe(0);

        for (const qos of levels) {
          for (const index of ids) {
            const got = callbacks.accepted(`/${idOf(qos, index)}`);
            for (let partition = 0; partition < PARTITIONS; partition++) {
              const first = [...new Set(got)].filter((number) => number % PARTITIONS === partition);
              expect(first, `order of ${idOf(qos, index)}`).toEqual([...first].sort((a, b) => a - b));
            }
            expect(got.some(isPoison)).toBe(false);
          }
        }
        for (const index of ids) {
          const got = callbacks.accepted(`/${idOf('at-most-once', index)}`);
          expect(new Set(got).size, `doubles of ${index}`).toBe(got.length);
        }
        const failures = gateway.log.filter(({ msg }) => msg === 'a subscription has failed');
        expect(failures).toEqual([]);
        expect(callbacks.faults.size).toBe(6);
      },
      4 * PATIENCE_MS,
    );
  },
  { java: true },
);

function progress(
  callbacks: FaultyCallbacks,
  levels: readonly string[],
  ids: readonly string[],
  idOf: (qos: string, index: string) => string,
): object {
  return Object.fromEntries(
    levels.flatMap((qos) =>
      ids.map((index) => [idOf(qos, index), new Set(callbacks.accepted(`/${idOf(qos, index)}`)).size]),
    ),
  );
}
