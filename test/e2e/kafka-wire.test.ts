import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type KafkaBroker, startKafka } from '../support/kafka/broker.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { freePorts } from '../support/kafka/ports.js';
import { API, fetchOf, joinOf, produceOf, tapWire, type WireRequest } from '../support/kafka/wire.js';
import { earliestApi } from './support/earliest-api.js';
import { openEventLog } from './support/event-log.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { testProducer, uniqueTopic } from './support/numbered-records.js';
import { untilTrue } from './support/until-true.js';

const soon = { timeoutMs: 30_000 };

/** What the options of clients come to is seen in the requests that reach the broker. */
onRealKafka(
  'the options of the clients, on the wire',
  () => {
    let broker: KafkaBroker;
    let port = 0;
    beforeAll(async () => {
      [port = 0] = await freePorts(1);
      broker = await startKafka({ listeners: { TAPPED: 'PLAINTEXT' }, advertised: { TAPPED: port } });
    });
    afterAll(() => broker?.stop());

    const tap = () => tapWire(Number(broker.addressOf('TAPPED').split(':')[1]), port);
    /** One gateway with an API for each set of options; its clients bear the API's id. */
    const gatewayOf = async (topic: string, ways: Readonly<Record<string, object>>) => {
      const apis = Object.entries(ways).map(([id, { qos, shared, ...options }]: [string, Way]) =>
        earliestApi({
          bootstrapServers: `127.0.0.1:${port}`,
          topic,
          id,
          ...options,
          shared: { clientIdPrefix: id, ...shared },
          ...(qos === undefined ? {} : { qos }),
        }),
      );
      const gateway = await startGatewayProcess({ apis, args: ['--strict'] });
      const post = async (id: string, body: string) =>
        (await fetch(`${gateway.url}/${id}`, { method: 'POST', body })).status;
      return { gateway, post };
    };
    const by = (id: string, requests: readonly WireRequest[]) =>
      requests.filter(({ clientId }) => clientId?.startsWith(`${id}-`) === true);

    it('acks, requestTimeoutMs, idempotent, batchMaxMessages, batchMaxBytes, compressionLevel', async () => {
      const topic = uniqueTopic('wire');
      await broker.createTopic(topic);
      const wire = await tap();
      const producer = { lingerMs: 200 };
      const { gateway, post } = await gatewayOf(topic, {
        plain: { producer },
        leader: { producer: { ...producer, acks: '1', requestTimeoutMs: 1234 } },
        unsure: { producer: { ...producer, idempotent: false } },
        three: { producer: { ...producer, batchMaxMessages: 3 } },
        small: { producer: { ...producer, batchMaxBytes: 1000 } },
        quick: { producer: { compressionType: 'gzip', compressionLevel: 1 } },
        thorough: { producer: { compressionType: 'gzip', compressionLevel: 9 } },
      });
      const ids = ['plain', 'leader', 'unsure', 'three', 'small'];
      await Promise.all(
        ids.flatMap((id) =>
          Array.from({ length: 9 }, async () => expect(await post(id, 'x'.repeat(200))).toBe(202)),
        ),
      );
      const text = Array.from({ length: 20_000 }, (_, at) => `line ${(at * 7919) % 10_007}`).join('\n');
      for (const id of ['quick', 'thorough']) expect(await post(id, text)).toBe(202);
      const sent = (id: string) => by(id, wire.of(API.produce)).map(produceOf);
      const batches = (id: string) => sent(id).flatMap((request) => request.batches);
      expect(sent('plain')[0]).toMatchObject({ acks: -1 });
      expect(sent('leader')[0]).toMatchObject({ acks: 1, timeoutMs: 1234 });
      expect(batches('plain')[0]?.producerId).not.toBe(-1n);
      expect(batches('leader')[0]?.producerId).toBe(-1n);
      expect(batches('unsure')[0]?.producerId).toBe(-1n);
      for (const id of ids) expect(batches(id).reduce((sum, { records }) => sum + records, 0)).toBe(9);
      expect(Math.max(...batches('plain').map(({ records }) => records))).toBeGreaterThan(4);
      expect(Math.max(...batches('three').map(({ records }) => records))).toBe(3);
      expect(Math.max(...batches('small').map(({ bytes }) => bytes))).toBeLessThanOrEqual(1100);
      expect(batches('quick')[0]?.codec).toBe(1);
      expect(batches('thorough')[0]?.bytes).toBeLessThan(batches('quick')[0]?.bytes ?? 0);
      expect(await gateway.stop()).toBe(0);
    });

    it('lingerMs, partitioner random, maxMessageBytes, maxQueuedKbytes', async () => {
      const topic = uniqueTopic('linger');
      await broker.createTopic(topic, { partitions: 4 });
      const wire = await tap();
      const { gateway, post } = await gatewayOf(topic, {
        lingering: { producer: { lingerMs: 600 } },
        spread: { producer: { partitioner: 'random', key: 'always the same' } },
        limited: { producer: { maxMessageBytes: 2000 } },
        queued: { producer: { maxQueuedKbytes: 8, buffered: true, lingerMs: 2000 } },
      });
      const begun = performance.now();
      expect(await post('lingering', 'x')).toBe(202);
      const [first] = by('lingering', wire.of(API.produce));
      expect((first?.at ?? 0) - begun).toBeGreaterThan(590);
      for (let count = 0; count < 40; count++) expect(await post('spread', 'x')).toBe(202);
      const partitions = by('spread', wire.of(API.produce)).flatMap((request) =>
        produceOf(request).batches.map(({ partition }) => partition),
      );
      expect(new Set(partitions).size).toBe(4);
      expect([await post('limited', 'x'.repeat(1500)), await post('limited', 'x'.repeat(2500))]).toEqual([
        202, 413,
      ]);
      const statuses: number[] = [];
      for (let count = 0; count < 4; count++) statuses.push(await post('queued', 'x'.repeat(3000)));
      expect(statuses.slice(0, 2)).toEqual([202, 202]);
      // One client has three quarters of it.
      expect(statuses.at(-1)).toBe(429);
      expect(await gateway.stop()).toBe(0);
    });

    it('maxIdleMs: a connection that is not used is closed', async () => {
      const topic = uniqueTopic('idle');
      await broker.createTopic(topic);
      const wire = await tap();
      const idle = (maxIdleMs: number) => ({ shared: { connection: { maxIdleMs } } });
      const { gateway, post } = await gatewayOf(topic, { closed: idle(1500), kept: idle(0) });
      for (const id of ['closed', 'kept']) expect(await post(id, 'x')).toBe(202);
      /** How long the connection that published has been silent when it was closed; NaN while it is open. */
      const silence = (id: string) => {
        const last = by(id, wire.of(API.produce)).at(-1);
        const own = wire.connections[last?.connection ?? -1];
        return (own?.closedAt ?? Number.NaN) - (last?.at ?? 0);
      };
      await untilTrue(async () => !Number.isNaN(silence('closed')), soon);
      expect(silence('closed')).toBeGreaterThan(1400);
      expect(silence('kept')).toBeNaN();
      expect(await post('closed', 'again')).toBe(202);
      expect(await gateway.stop()).toBe(0);
    });

    it('what a fetch asks for: fetchMinBytes, fetchMaxBytes, fetchMaxPartitionBytes, fetchMaxWaitMs, isolationLevel, rack', async () => {
      const topic = uniqueTopic('fetched');
      await broker.createTopic(topic);
      const wire = await tap();
      const consumer = {
        fetchMinBytes: 7,
        fetchMaxBytes: 700_000,
        fetchMaxPartitionBytes: 70_000,
        fetchMaxWaitMs: 77,
        isolationLevel: 'read_uncommitted',
        rack: 'rack-7',
      };
      const { gateway } = await gatewayOf(topic, { told: { consumer }, untold: {} });
      const streams = ['told', 'untold'].map((id) => openEventLog(`${gateway.url}/${id}`));
      const fetches = (id: string) => by(id, wire.of(API.fetch)).map(fetchOf);
      const asked = (id: string) => fetches(id).find(({ maxPartitionBytes }) => maxPartitionBytes.length > 0);
      await untilTrue(async () => asked('told') !== undefined && asked('untold') !== undefined, soon);
      expect(asked('told')).toEqual({
        minBytes: 7,
        maxBytes: 700_000,
        maxPartitionBytes: [70_000],
        maxWaitMs: 77,
        isolationLevel: 0,
        rack: 'rack-7',
      });
      expect(asked('untold')).toMatchObject({ minBytes: 1, maxWaitMs: 500, isolationLevel: 1, rack: '' });
      for (const stream of streams) stream.close();
      expect(await gateway.stop()).toBe(0);
    });

    it('how a group is joined: instanceId, sessionTimeoutMs, rebalanceTimeoutMs, assignmentStrategies, heartbeatIntervalMs, commitIntervalMs', async () => {
      const topic = uniqueTopic('joined');
      await broker.createTopic(topic);
      const wire = await tap();
      const consumer = {
        groupId: topic,
        instanceId: 'gateway-7',
        sessionTimeoutMs: 7000,
        rebalanceTimeoutMs: 17_000,
        assignmentStrategies: ['roundrobin', 'range'],
        heartbeatIntervalMs: 350,
        commitIntervalMs: 250,
      };
      const { gateway } = await gatewayOf(topic, { told: { consumer, qos: 'at-least-once' } });
      const stream = openEventLog(`${gateway.url}/told`);
      const producer = await testProducer(broker.bootstrapServers);
      const writing = (async () => {
        for (let count = 0; count < 40; count++) {
          await producer.write(topic, [{ value: Buffer.from('x'), partition: 0 }]);
          await delay(50);
        }
      })();
      await stream.until((events) => events.length === 40, 30_000);
      await writing;
      expect(by('told', wire.of(API.joinGroup)).map(joinOf).at(-1)).toEqual({
        groupId: topic,
        instanceId: 'gateway-7',
        sessionTimeoutMs: 7000,
        rebalanceTimeoutMs: 17_000,
        strategies: ['roundrobin', 'range'],
      });
      const apart = (requests: readonly WireRequest[]) => {
        const times = requests.map(({ at }) => at);
        const gaps = times
          .slice(1)
          .map((time, at) => time - (times[at] ?? 0))
          .sort((a, b) => a - b);
        return gaps[Math.floor(gaps.length / 2)] ?? Number.NaN;
      };
      const heartbeats = apart(by('told', wire.of(API.heartbeat)));
      expect([heartbeats > 250, heartbeats < 700]).toEqual([true, true]);
      const commits = apart(by('told', wire.of(API.offsetCommit)));
      expect([commits > 200, commits < 500]).toEqual([true, true]);
      stream.close();
      await producer.close();
      expect(await gateway.stop()).toBe(0);
    });

    it('a static member that is back in time causes no rebalance; one without a name does', async () => {
      const topic = uniqueTopic('static');
      await broker.createTopic(topic, { partitions: 2 });
      const wire = await tap();
      for (const named of [true, false]) {
        const groupId = `${topic}-${named}`;
        const way = (id: string) => ({
          [id]: {
            qos: 'at-least-once',
            consumer: { groupId, sessionTimeoutMs: 20_000, ...(named ? { instanceId: id } : {}) },
          },
        });
        const stays = await gatewayOf(topic, way('stays'));
        const staying = openEventLog(`${stays.gateway.url}/stays`);
        const joins = () =>
          by('stays', wire.of(API.joinGroup)).filter((each) => joinOf(each).groupId === groupId);
        await untilTrue(async () => joins().length > 0, soon);
        const goes = await gatewayOf(topic, way('goes'));
        const going = openEventLog(`${goes.gateway.url}/goes`);
        const received = () => [...staying.events, ...going.events].length;
        const producer = await testProducer(broker.bootstrapServers);
        const both = [0, 1].map((partition) => ({ value: Buffer.from('x'), partition }));
        // Each of the two members has one partition.
        await untilTrue(
          async () => {
            await producer.write(topic, both);
            await delay(200);
            return staying.events.length > 0 && going.events.length > 0;
          },
          { timeoutMs: 60_000 },
        );
        await delay(3000);
        const before = joins().length;
        going.close();
        await goes.gateway.kill();
        const back = await gatewayOf(topic, way('goes'));
        const again = openEventLog(`${back.gateway.url}/goes`);
        const had = staying.events.length;
        await producer.write(topic, both);
        if (named) await again.until((events) => events.length > 0, 30_000);
        await staying.until((events) => events.length > had, 60_000);
        await untilTrue(async () => joins().length > before === !named, { timeoutMs: 40_000 });
        expect(received()).toBeGreaterThan(0);
        for (const log of [staying, again]) log.close();
        await producer.close();
        await Promise.all([stays.gateway.stop(), back.gateway.stop()]);
      }
    });
  },
  { java: true },
);

/** What one API says beside the topic. */
interface Way {
  readonly qos?: string;
  readonly producer?: object;
  readonly consumer?: object;
  readonly shared?: object;
}
