import { afterAll, beforeAll, expect, it } from 'vitest';
import { addPartitions } from '../support/kafka/admin.js';
import { type KafkaCluster, startCluster } from '../support/kafka/cluster.js';
import { consoleConsume } from '../support/kafka/console.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { API, wireLog } from '../support/kafka/wire.js';
import { earliestApi } from './support/earliest-api.js';
import { openEventLog } from './support/event-log.js';
import { type GatewayProcess, startGatewayProcess } from './support/gateway-process.js';
import { testProducer, uniqueTopic } from './support/numbered-records.js';
import { compare, type SteadyLoad, startSteadyLoad } from './support/steady-load.js';
import { untilTrue } from './support/until-true.js';

const PUBLISHERS = 6;

onRealKafka(
  'a cluster of three brokers',
  () => {
    const wire = wireLog();
    let cluster: KafkaCluster;
    beforeAll(async () => {
      cluster = await startCluster(wire.watch);
    });
    afterAll(() => cluster?.stop());

    const gatewayOf = async (topic: string): Promise<GatewayProcess> => {
      const options = { bootstrapServers: cluster.relayed, topic, post: { requestHeadersToMessage: true } };
      const producer = { keyHeader: 'x-key' };
      const apis = [
        earliestApi({ ...options, id: 'none', qos: 'none', producer }),
        earliestApi({
          ...options,
          id: 'group',
          qos: 'at-least-once',
          producer,
          consumer: { groupId: topic },
        }),
      ];
      return startGatewayProcess({ apis, args: ['--strict'] });
    };

    /** Publishes and streams while `fault` happens; then everything acknowledged is in Kafka, and each stream has it. */
    const survives = async (
      topic: string,
      fault: (load: SteadyLoad) => Promise<void>,
      order: object = { disordered: 0 },
    ) => {
      const gateway = await gatewayOf(topic);
      const none = openEventLog(`${gateway.url}/none`);
      const group = openEventLog(`${gateway.url}/group`);
      const load = startSteadyLoad(`${gateway.url}/none`, PUBLISHERS);
      await load.more(100, 30_000);
      await Promise.all([none, group].map((log) => log.until((events) => events.length > 20, 30_000)));
      const before = await gateway.rssMib();
      await fault(load);
      await load.more(200, 60_000);
      await load.stop();
      const stored = await consoleConsume(cluster.bootstrapServers, topic);
      const values = new Set(stored.map(({ value }) => value));
      expect(load.acknowledged.filter((body) => !values.has(body))).toEqual([]);
      // Retries of the producer double nothing.
      expect(values.size).toBe(stored.length);
      for (const log of [none, group])
        await log.until((events) => new Set(events.map(({ data }) => data)).size >= stored.length, 30_000);
      expect(compare(none.events, load)).toMatchObject({ missing: 0, doubled: 0, ...order });
      expect(compare(group.events, load)).toMatchObject({ missing: 0, ...order });
      expect((await gateway.rssMib()) - before).toBeLessThan(80);
      none.close();
      group.close();
      expect(await gateway.stop()).toBe(0);
      return { load, none, group };
    };

    it('all brokers are restarted one by one: nothing is refused, lost or doubled', async () => {
      const topic = uniqueTopic('rolling');
      await cluster.createTopic(topic, { partitions: 6 });
      const { load, none } = await survives(topic, async (running) => {
        for (const broker of cluster.brokers) {
          await broker.restart();
          await running.more(50, 60_000);
        }
      });
      expect([...load.refused]).toEqual([]);
      expect(none.connects).toBe(1);
    });

    it('the leader of every partition is killed: it goes on with the next one', async () => {
      const topic = uniqueTopic('leader');
      await cluster.createTopic(topic, { partitions: 1 });
      const { load } = await survives(topic, async (running) => {
        const leader = await cluster.leaderOf(topic, 0);
        await leader.kill();
        await running.more(50, 60_000);
        await leader.restart();
      });
      expect([...load.refused]).toEqual([]);
    });

    it('the network to one broker is cut and healed: the others serve on, then it does', async () => {
      const topic = uniqueTopic('cut');
      await cluster.createTopic(topic, { partitions: 3 });
      const { load } = await survives(topic, async (running) => {
        const broker = await cluster.leaderOf(topic, 0);
        broker.relay.silence();
        // Those of its partitions wait until it is told that nobody knows; a load of only them would stand still.
        await running.more(100, 60_000);
        broker.relay.heal();
        await running.more(100, 90_000);
      });
      expect([...load.refused.keys()].filter((status) => status !== 503)).toEqual([]);
    });

    it('too few replicas: a batch is sent again as often as `retries` says, `retryBackoffMs` apart', async () => {
      const topic = uniqueTopic('retried');
      await cluster.createTopic(topic, { config: { 'min.insync.replicas': '3' } });
      const leader = await cluster.leaderOf(topic, 0);
      const retryBackoffMs = 300;
      const apiOf = (id: string, producer: object) =>
        earliestApi({
          bootstrapServers: cluster.relayed,
          topic,
          id,
          producer,
          shared: { clientIdPrefix: id },
        });
      const apis = [
        apiOf('twice', { retries: 2, retryBackoffMs, deliveryTimeoutMs: 20_000 }),
        apiOf('until', { retryBackoffMs, deliveryTimeoutMs: 5000 }),
      ];
      const gateway = await startGatewayProcess({ apis, args: ['--strict'] });
      const post = async (id: string) => {
        const response = await fetch(`${gateway.url}/${id}`, { method: 'POST', body: 'x' });
        await response.arrayBuffer();
        return response.status;
      };
      expect(await Promise.all([post('twice'), post('until')])).toEqual([202, 202]);
      const follower = cluster.brokers.find((broker) => broker !== leader) as (typeof cluster.brokers)[0];
      await follower.kill();
      const sent = (id: string) => wire.of(API.produce).filter((each) => each.clientId?.startsWith(`${id}-`));
      try {
        // Until the controller has seen that it is gone, an acknowledgement is waited for.
        const isRefused = async () => {
          const had = sent('until').length;
          return (await post('until')) === 503 && sent('until').length - had > 3;
        };
        await untilTrue(isRefused, { timeoutMs: 60_000 });
        const before = sent('twice').length;
        expect(await post('twice')).toBe(503);
        const times = sent('twice')
          .slice(before)
          .map(({ at }) => at);
        expect(times).toHaveLength(3);
        // librdkafka varies the wait by a fifth.
        for (const [at, time] of times.slice(1).entries())
          expect(time - (times[at] ?? 0)).toBeGreaterThan(230);
      } finally {
        await follower.restart();
      }
      await untilTrue(async () => (await post('until')) === 202, { timeoutMs: 60_000 });
      expect(await gateway.stop()).toBe(0);
    });

    it('a partition is added under a stream: it is read from its first record', async () => {
      const topic = uniqueTopic('grown');
      await cluster.createTopic(topic, { partitions: 1 });
      await survives(
        topic,
        async () => {
          await addPartitions(cluster.bootstrapServers, topic, 3);
          const producer = await testProducer(cluster.bootstrapServers);
          const value = (partition: number) => Buffer.from(`other-${partition}:0`);
          await producer.write(
            topic,
            [0, 1, 2].map((partition) => ({ value: value(partition), partition })),
          );
          await producer.close();
          // A key may now belong to another partition.
        },
        {},
      );
    });
  },
  { java: true },
);
