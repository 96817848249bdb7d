import Kafka from 'node-rdkafka';
import { expect, it } from 'vitest';
import { createTopic } from '../support/kafka/admin.js';
import { ensureKafkaJars } from '../support/kafka/jars.js';
import { runJavaTool } from '../support/kafka/java.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { earliestApi } from './support/earliest-api.js';
import { openEventLog } from './support/event-log.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { testProducer, uniqueTopic } from './support/numbered-records.js';

onRealKafka(
  'the options of the consumer, on real Kafka',
  (bootstrapServers) => {
    const made = async (topic: string) => {
      await createTopic(bootstrapServers, topic, { partitions: 2 });
      return topic;
    };

    it.each(['none', 'at-least-once'])(
      '%s: topics that match a pattern, also those that come later',
      async (qos) => {
        const prefix = uniqueTopic('pattern');
        const first = await made(`${prefix}.one`);
        const unlike = await made(`other-${prefix}.one`);
        const consumer = { topics: [], 'topics.pattern': `${prefix}\\.(one|two)` };
        const api = earliestApi({ bootstrapServers, topic: first, id: 'pattern', qos, consumer });
        const gateway = await startGatewayProcess({ apis: [api], args: ['--strict'] });
        const producer = await testProducer(bootstrapServers);
        await producer.write(first, [{ value: Buffer.from('first'), partition: 0 }]);
        await producer.write(unlike, [{ value: Buffer.from('unlike'), partition: 0 }]);
        const stream = openEventLog(`${gateway.url}/pattern`);
        await stream.until((events) => events.length === 1, 30_000);
        const second = await made(`${prefix}.two`);
        await producer.write(second, [
          { value: Buffer.from('second'), partition: 0 },
          { value: Buffer.from('second'), partition: 1 },
        ]);
        await stream.until((events) => events.length === 3, 30_000);
        await producer.write(first, [{ value: Buffer.from('third'), partition: 1 }]);
        await stream.until((events) => events.length === 4, 30_000);
        expect(stream.events.map(({ data }) => data)).toEqual(['first', 'second', 'second', 'third']);
        stream.close();
        await producer.close();
        expect(await gateway.stop()).toBe(0);
      },
    );

    it('the group, its static member, its strategy and the names of the clients, as the broker tells them', async () => {
      const topic = await made(uniqueTopic('member'));
      const groupId = uniqueTopic('our-group');
      const consumer = { groupId, instanceId: 'gateway-1', assignmentStrategies: ['roundrobin'] };
      const shared = { clientIdPrefix: 'acme' };
      const api = earliestApi({
        bootstrapServers,
        topic,
        id: 'member',
        qos: 'at-least-once',
        consumer,
        shared,
      });
      const gateway = await startGatewayProcess({ apis: [api], args: ['--strict'] });
      const producer = await testProducer(bootstrapServers);
      await producer.write(topic, [{ value: Buffer.from('x'), partition: 0 }]);
      const stream = openEventLog(`${gateway.url}/member`);
      await stream.until((events) => events.length === 1, 30_000);
      const { stdout } = await runJavaTool({
        jars: await ensureKafkaJars(),
        mainClass: 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
        args: ['--bootstrap-server', bootstrapServers, '--describe', '--group', groupId, '--members'],
      });
      expect(stdout).toMatch(
        new RegExp(`${groupId}\\s+gateway-1-\\S+\\s+gateway-1\\s+/127.0.0.1\\s+acme-consumer-`),
      );
      const state = await runJavaTool({
        jars: await ensureKafkaJars(),
        mainClass: 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
        args: ['--bootstrap-server', bootstrapServers, '--describe', '--group', groupId, '--state'],
      });
      expect(state.stdout).toMatch(/roundrobin/);
      stream.close();
      await producer.close();
      expect(await gateway.stop()).toBe(0);
    });

    it('an aborted transaction is left out, unless asked for; the key comes as a header', async () => {
      const topic = await made(uniqueTopic('transaction'));
      const apis = (['read_committed', 'read_uncommitted'] as const).map((isolationLevel) =>
        earliestApi({
          bootstrapServers,
          topic,
          id: isolationLevel,
          consumer: { isolationLevel, keyHeader: 'x-key', fetchMinBytes: 1, fetchMaxWaitMs: 50, rack: 'a' },
          get: { headersInPayload: true, messagesLimitDurationMs: 20_000, messagesLimitCount: 2 },
        }),
      );
      await writeAborted(bootstrapServers, topic);
      const producer = await testProducer(bootstrapServers);
      const value = Buffer.from('after');
      await producer.write(topic, [
        { value, key: Buffer.from('k'), partition: 0 },
        { value, key: Buffer.from('k'), partition: 0 },
      ]);
      await producer.close();
      const gateway = await startGatewayProcess({ apis, args: ['--strict'] });
      const read = async (id: string) => {
        const answer = await fetch(`${gateway.url}/${id}`, { headers: { accept: 'application/json' } });
        return JSON.stringify(await answer.json());
      };
      const committed = await read('read_committed');
      expect(committed).not.toContain('aborted');
      expect(committed).toMatch(/"x-key":\["k"\]/);
      expect(await read('read_uncommitted')).toContain('aborted');
      expect(await gateway.stop()).toBe(0);
    });
  },
  { java: true },
);

async function writeAborted(bootstrapServers: string, topic: string): Promise<void> {
  const producer = new Kafka.Producer({
    'metadata.broker.list': bootstrapServers,
    'transactional.id': uniqueTopic('transaction'),
  });
  const step = (call: (done: (error: unknown) => void) => void) =>
    new Promise<void>((resolve, reject) => call((error) => (error ? reject(error) : resolve())));
  await step((done) => producer.connect({ timeout: 10_000 }, done));
  await step((done) => producer.initTransactions(10_000, done));
  await step((done) => producer.beginTransaction(done));
  producer.produce(topic, 0, Buffer.from('aborted'));
  await step((done) => producer.flush(10_000, done));
  await step((done) => producer.abortTransaction(10_000, done));
  await step((done) => producer.disconnect(done));
}
