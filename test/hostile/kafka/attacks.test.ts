import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GatewayProcess, launchGateway } from '../../e2e/support/gateway-process.js';
import { testProducer } from '../../e2e/support/numbered-records.js';
import { scrape } from '../../support/prometheus.js';
import { admin, subscription } from '../../support/push-api.js';
import { webhookSink } from '../../support/webhook-sink.js';
import { ATTACKED_APIS } from '../attacked-apis.js';
import { attack } from '../attacker.js';
import { ATTACKS } from '../corpus/attacks.js';
import { expectUnharmed, type Neighbour, startNeighbour } from '../neighbour.js';

/** How long each attack is played, milliseconds. */
const FOR_MS = 1500;
/** What the process may have, and what its objects may take once all is over: it has some 150 and 50 after its start. */
const MOST_RSS_MIB = 1024;
const MOST_HEAP_MIB = 200;

/** Of a record: as many as a broker takes by default. */
const HEADERS = 100_000;
/** The definition echoes what a client sends, where no answer may have it. */
const TEMPLATE_FAILED = 'a response template cannot be evaluated';

let gateway: GatewayProcess;
let servers: string;
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  gateway = await launchGateway(
    {
      apis: ATTACKED_APIS,
      args: ['--embedded-kafka'],
      env: { SLUICE_WEBHOOK_ALLOW_TARGETS: '127.0.0.1', KAFKA_BOOTSTRAP_SERVERS: undefined },
    },
    (end) => ends.push(end),
  );
  servers = String(gateway.log.find(({ event }) => event === 'ready')?.embeddedKafka);
  const value = Buffer.from('v');
  const headers = (name: (at: number) => string) =>
    Array.from({ length: HEADERS }, (_, at) => ({ [name(at)]: value }));
  await write('poison', [
    { value, partition: 0, headers: headers(() => 'x-a') },
    { value, partition: 1, headers: headers((at) => `x-${at}`) },
    { value: Buffer.alloc(990_000, '\n'), partition: 2 },
  ]);
});

afterAll(async () => {
  for (const end of ends) await end();
});

async function write(
  topic: string,
  records: Parameters<Awaited<ReturnType<typeof testProducer>>['write']>[1],
) {
  const producer = await testProducer(servers);
  await producer.write(topic, records);
  await producer.close();
}

const neighbourOf = (): Promise<Neighbour> =>
  startNeighbour(`${gateway.url}/events`, { localAddress: '127.0.0.2' });

async function heapMib(): Promise<number> {
  const name = 'v8js_memory_heap_used_bytes';
  const sample = (await scrape(gateway.adminUrl)).get(name)?.samples.get(name)?.[0];
  return (sample?.value ?? Number.NaN) / 1024 / 1024;
}

test.each(ATTACKS)('nobody notices $name', async ({ waves, answered, port }) => {
  const neighbour = await neighbourOf();
  const at = port === 'admin' ? Number(new URL(gateway.adminUrl).port) : gateway.port;
  const { played, answers } = await attack(at, FOR_MS, waves());
  const report = await neighbour.report();
  expect(played).toBeGreaterThan(0);
  if (answered === undefined) expect(answers).toEqual({});
  else {
    expect(Object.keys(answers).filter((status) => !answered.test(status))).toEqual([]);
    expect(Object.keys(answers)).not.toEqual([]);
  }
  expectUnharmed(report);
  expect(gateway.process.exitCode).toBeNull();
  expect(await gateway.rssMib()).toBeLessThan(MOST_RSS_MIB);
});

test('nobody notices subscriptions to records with 20 KiB of headers, and they go on', async () => {
  const neighbour = await neighbourOf();
  const sink = await webhookSink();
  const subscriptions = '/apis/pushed/subscriptions';
  const ids = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const { body } = await admin(gateway, 'POST', subscriptions, subscription(sink.url));
      return body.id as string;
    }),
  );
  const large = Array.from({ length: 20 }, (_, at) => ({ [`x-${at}`]: Buffer.alloc(1024, 'v') }));
  const records = Array.from({ length: 40 }, (_, at) => ({ value: Buffer.from(`${at}`), headers: large }));
  await write('pushed', records);
  await expect.poll(() => sink.calls.length, { timeout: 15_000 }).toBe(3 * records.length);
  for (const id of ids) {
    const { body } = await admin(gateway, 'GET', `${subscriptions}/${id}`);
    expect(body.consumerStatus).toBe('STARTED');
    await admin(gateway, 'DELETE', `${subscriptions}/${id}`);
  }
  expectUnharmed(await neighbour.report());
});

test('what the attacks took is given back, and nothing failed inside the gateway', async () => {
  await expect.poll(heapMib, { timeout: 20_000 }).toBeLessThan(MOST_HEAP_MIB);
  const errors = gateway.log.filter(({ level }) => level === 50).map(({ msg }) => msg);
  expect([...new Set(errors)]).toEqual([TEMPLATE_FAILED]);
  expect(await gateway.stop()).toBe(0);
});
