import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Message, MessagingTelemetry, newMessage, SluiceError } from '@sluice/core';
import { recordingLogger, until } from '@sluice/core/testing';
import type Kafka from 'node-rdkafka';
import { expect, test, vi } from 'vitest';
import type { Cluster } from '../src/cluster.js';
import { PartitionChoice } from '../src/partition-choice.js';
import { RecordProducer } from '../src/producer.js';
import { QueueShares } from '../src/queue-shares.js';
import { CODE } from '../src/rdkafka-errors.js';

const FULL = { code: CODE.QUEUE_FULL };
const plan = { topics: ['a'], key: null, partition: null, timestampMs: null, headers: [] };
const planOf = () => plan;
const toOne = () => ({ ...plan, topics: ['a'] });
const toTwo = () => ({ ...plan, topics: ['a', 'b'] });
const settled = () => {};
const text = (content: string): Message => newMessage(Buffer.from(content), [], 0);

/** A client whose local queue takes a number of records; it acknowledges them when it is told to. */
function setUp(
  room = Number.POSITIVE_INFINITY,
  bounds = { maxQueuedMessages: 100_000, maxQueuedKbytes: 65_536 },
) {
  const taken: { content: string; opaque: unknown; topic: string }[] = [];
  const client = Object.assign(new EventEmitter(), {
    produce: (...[topic, , content, , , opaque]: Parameters<Kafka.Producer['produce']>) => {
      if (taken.length >= room) throw FULL;
      taken.push({ content: String(content), opaque, topic: topic as string });
    },
    poll: () => {},
  });
  const cluster: { connected: Kafka.Producer | undefined } & Partial<Cluster> = {
    onClient: (listener) => listener(client as unknown as Kafka.Producer),
    connected: client as unknown as Kafka.Producer,
    downForMs: 0,
  };
  const choice = new PartitionChoice(cluster as Cluster, 'murmur2');
  const log = recordingLogger();
  const producer = new RecordProducer(
    cluster as Cluster,
    choice,
    log,
    new MessagingTelemetry(undefined, 'kafka'),
    new QueueShares(bounds),
  );
  const acknowledge = () => {
    for (const [offset, { opaque, topic }] of taken.entries())
      client.emit('delivery-report', null, { topic, partition: 0, offset, opaque });
  };
  return { producer, taken, acknowledge, cluster, log };
}

const awaited = { awaits: true, settled };

test('a full queue refuses a message that no topic has: certainly not stored', async () => {
  const [result] = await setUp(0).producer.publish([text('x')], toTwo, awaited);
  expect(result).toMatchObject({ ok: false, error: { key: 'PUBLISH_QUEUE_FULL' } });
});

test('a queue that fills up between two topics says that one of them may have it', async () => {
  const { producer, acknowledge } = setUp(1);
  const [result] = await producer.publish([text('x')], toTwo, awaited);
  expect(result).toMatchObject({ ok: false, error: { key: 'PUBLISH_TIMEOUT' } });
  expect(producer.inFlight).toBe(1);
  acknowledge();
  expect(producer.inFlight).toBe(0);
});

test('what is published in one turn is handed over together at its end, in order', async () => {
  const { producer, taken, acknowledge } = setUp();
  const first = producer.publish([text('1'), text('2')], planOf, awaited);
  const second = producer.publish([text('3')], planOf, awaited);
  await Promise.resolve();
  expect(taken).toEqual([]);
  expect(producer.inFlight).toBe(3);
  await nextTurn();
  expect(taken.map(({ content }) => content)).toEqual(['1', '2', '3']);
  acknowledge();
  expect(await first).toMatchObject([
    { ok: true, storedAt: [{ offset: 0 }] },
    { ok: true, storedAt: [{ offset: 1 }] },
  ]);
  expect(await second).toMatchObject([{ ok: true, storedAt: [{ topic: 'a', partition: 0, offset: 2 }] }]);
});

test('a message that is not awaited is answered once it is queued; one that has no room is refused', async () => {
  const { producer } = setUp(1);
  const done = vi.fn();
  const results = await producer.publish([text('1'), text('2')], planOf, { awaits: false, settled: done });
  expect(results).toMatchObject([
    { ok: true, storedAt: [] },
    { ok: false, error: { key: 'PUBLISH_QUEUE_FULL' } },
  ]);
  expect(done).toHaveBeenCalledOnce();
});

test('one that cannot be planned fails alone, in its place', async () => {
  const { producer, acknowledge } = setUp();
  const planned = (message: Message) => {
    if (String(message.content) === 'bad') throw new Error('no plan');
    return plan;
  };
  const results = producer.publish([text('1'), text('bad'), text('3')], planned, awaited);
  await nextTurn();
  acknowledge();
  expect(await results).toMatchObject([{ ok: true }, { ok: false }, { ok: true }]);
});

test('a client that is gone before the end of the turn has nothing: certainly not stored', async () => {
  const { producer, cluster, taken } = setUp();
  const results = producer.publish([text('1')], planOf, awaited);
  cluster.connected = undefined;
  expect(await results).toMatchObject([{ ok: false, error: { key: 'ENDPOINT_UNAVAILABLE' } }]);
  expect(taken).toEqual([]);
  expect(producer.inFlight).toBe(0);
  await producer.drained(1000);
});

test('a span that was begun is ended also when nothing could be planned', async () => {
  const end = vi.fn();
  const begin = () => ({ context: { traceparent: '' }, end });
  const planOf = () => {
    throw new SluiceError('TOPIC_NOT_ALLOWED');
  };
  await setUp().producer.publish([text('1')], planOf, { ...awaited, begin });
  expect(end).toHaveBeenCalledExactlyOnceWith({}, 'TOPIC_NOT_ALLOWED');
});

test.each([
  ['messages', { maxQueuedMessages: 4, maxQueuedKbytes: 1000 }, 'x'],
  ['bytes', { maxQueuedMessages: 1000, maxQueuedKbytes: 4 }, 'x'.repeat(1024)],
])(
  'a client has three quarters of the %s that may wait for brokers, and leaves others their part',
  async (_, bounds, content) => {
    const { producer, taken, acknowledge } = setUp(Number.POSITIVE_INFINITY, bounds);
    const publish = (client: string) => producer.publish([text(content)], toOne, { ...awaited, client });
    const first = [publish('a'), publish('a'), publish('a')];
    const [over] = await publish('a');
    expect(over).toMatchObject({ ok: false, error: { key: 'CLIENT_SHARE_EXHAUSTED', status: 429 } });
    const other = publish('b');
    await until(() => taken.length === 4, 1000, 'what was taken');
    acknowledge();
    for (const [result] of await Promise.all([...first, other])) expect(result?.ok).toBe(true);
    taken.length = 0;
    const again = publish('a');
    await until(() => taken.length === 1, 1000, 'what is taken again');
    acknowledge();
    expect((await again)[0]?.ok).toBe(true);
  },
);

test('a record larger than a share is taken where its client has no other waiting', async () => {
  const { producer, taken, acknowledge } = setUp(1, { maxQueuedMessages: 10, maxQueuedKbytes: 1 });
  const large = producer.publish([text('x'.repeat(5000))], toOne, { ...awaited, client: 'a' });
  await until(() => taken.length === 1, 1000, 'what was taken');
  acknowledge();
  expect((await large)[0]?.ok).toBe(true);
});
