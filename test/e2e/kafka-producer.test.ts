import { expect, it } from 'vitest';
import { createTopic } from '../support/kafka/admin.js';
import { consoleConsume } from '../support/kafka/console.js';
import { consoleProduce } from '../support/kafka/console-producer.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { earliestApi } from './support/earliest-api.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { uniqueTopic } from './support/numbered-records.js';
import { readOne } from './support/read-one.js';
import { untilTrue } from './support/until-true.js';

onRealKafka(
  'the options of the producer, on real Kafka',
  (bootstrapServers) => {
    const topicWith = async (partitions: number, config: Record<string, string> = {}) => {
      const topic = uniqueTopic('producer');
      await createTopic(bootstrapServers, topic, { partitions, config });
      return topic;
    };
    const gatewayOf = async (topic: string, ways: Readonly<Record<string, object>>, flows: object[] = []) => {
      const apis = Object.entries(ways).map(([id, producer]) => ({
        ...earliestApi({ bootstrapServers, topic, id, producer, post: { requestHeadersToMessage: true } }),
        flows,
      }));
      const gateway = await startGatewayProcess({ apis, args: ['--strict'] });
      const post = (id: string, body: string, headers: Record<string, string> = {}) =>
        fetch(`${gateway.url}/${id}`, { method: 'POST', body, headers });
      return { gateway, post };
    };

    it('1,000 keys lie on the partitions where a Java producer puts them', async () => {
      const topic = await topicWith(7);
      const keys = Array.from({ length: 1000 }, (_, index) => `key-${index}-${'é'.repeat(index % 5)}`);
      await consoleProduce(
        bootstrapServers,
        topic,
        keys.map((key) => ({ key, value: 'java' })),
      );
      const { gateway, post } = await gatewayOf(topic, { keyed: { keyHeader: 'X-My-Key' } });
      for (let at = 0; at < keys.length; at += 50) {
        const some = keys.slice(at, at + 50);
        const answers = await Promise.all(
          some.map((key) => post('keyed', 'ours', { 'x-my-key': Buffer.from(key).toString('latin1') })),
        );
        for (const { status } of answers) expect(status).toBe(202);
      }
      const records = await consoleConsume(bootstrapServers, topic, { count: 2000 });
      const placed = (value: string) =>
        new Map(records.filter((each) => each.value === value).map(({ key, partition }) => [key, partition]));
      expect(placed('ours').size).toBe(1000);
      expect(placed('ours')).toEqual(placed('java'));
      expect(await gateway.stop()).toBe(0);
    });

    it('partitioners: in turn, and by the hashes of Sarama', async () => {
      const topic = await topicWith(4);
      const { gateway, post } = await gatewayOf(topic, {
        turn: { partitioner: 'roundRobin' },
        sarama: { partitioner: 'fnv1a', key: '1234' },
        standard: { partitioner: 'fnv1aStandard', key: '1234' },
      });
      for (let count = 0; count < 8; count++) expect((await post('turn', 'turn')).status).toBe(202);
      for (const id of ['sarama', 'standard']) expect((await post(id, id)).status).toBe(202);
      const records = await consoleConsume(bootstrapServers, topic, { count: 10 });
      const partitions = (value: string) =>
        records.filter((each) => each.value === value).map(({ partition }) => partition);
      expect(partitions('turn')).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
      // The FNV-1a hash of "1234" is -0x23bdd03 as an int32 in Go: its absolute value, and its low 31 bits.
      expect(partitions('sarama')).toEqual([0x23bdd03 % 4]);
      expect(partitions('standard')).toEqual([(-0x23bdd03 & 0x7fffffff) % 4]);
      expect(await gateway.stop()).toBe(0);
    });

    it('partition, timestamp and key by attributes; headers that are let through, kept back and renamed', async () => {
      const topic = await topicWith(3);
      const attributes = ['partition', 'timestamp', 'recordKey'].map((name) => ({
        name: `gravitee.attribute.kafka.${name}`,
        value: `{#request.headers['x-${name.toLowerCase()}'][0]}`,
      }));
      const flows = [
        {
          request: [{ policy: 'policy-assign-attributes', configuration: { scope: 'REQUEST', attributes } }],
        },
      ];
      const headers = {
        allow: ['x-*', 'y-two'],
        deny: ['x-partition', 'x-timestamp', 'x-recordkey'],
        rename: { 'X-One': 'one' },
      };
      const { gateway, post } = await gatewayOf(topic, { chosen: { headers } }, flows);
      const given = { 'x-partition': '2', 'x-timestamp': '1600000000000', 'x-recordkey': 'by attribute' };
      const sent = await post('chosen', 'there', { ...given, 'x-one': '1', 'y-two': '2', 'y-three': '3' });
      expect(sent.status).toBe(202);
      expect((await post('chosen', 'x', { ...given, 'x-partition': 'two' })).status).toBe(400);
      expect((await post('chosen', 'x', { ...given, 'x-partition': '99' })).status).toBe(502);
      const [record, ...more] = await consoleConsume(bootstrapServers, topic, { count: 1 });
      expect(more).toEqual([]);
      expect(record).toMatchObject({ partition: 2, key: 'by attribute', value: 'there' });
      const raw = await readOne(bootstrapServers, topic, 2);
      expect(raw.timestamp).toBe(1_600_000_000_000);
      expect(raw.headers).toEqual([
        ['one', '1'],
        ['y-two', '2'],
      ]);
      expect(await gateway.stop()).toBe(0);
    });

    it('acks and compression: the broker says what it got', async () => {
      const small = await topicWith(1, { 'max.message.bytes': '2000' });
      const types = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
      const ways = Object.fromEntries(types.map((compressionType) => [compressionType, { compressionType }]));
      const { gateway, post } = await gatewayOf(small, {
        ...ways,
        leader: { acks: '1' },
        unacknowledged: { acks: '0' },
      });
      // Larger than the topic takes, unless it arrives compressed.
      const body = 'a'.repeat(10_000);
      const statuses = await Promise.all(types.map(async (id) => (await post(id, body)).status));
      expect(statuses).toEqual([413, 202, 202, 202, 202]);
      expect((await post('leader', 'leader')).status).toBe(202);
      // Without acknowledgements a refusal is not known.
      expect((await post('unacknowledged', body)).status).toBe(202);
      const stored = await consoleConsume(bootstrapServers, small, { timeoutMs: 3000 });
      expect(stored.map(({ value }) => value?.length)).toEqual([...Array(4).fill(10_000), 'leader'.length]);
      expect(await gateway.stop()).toBe(0);
    });

    it('buffered: answered before the broker has it; refused above a share of it; what is lost is logged', async () => {
      const topic = await topicWith(1, { 'max.message.bytes': '2000' });
      const { gateway, post } = await gatewayOf(topic, {
        buffered: { buffered: true, lingerMs: 3000, maxQueuedMessages: 5 },
      });
      const statuses: number[] = [];
      for (let count = 0; count < 7; count++) statuses.push((await post('buffered', `${count}`)).status);
      expect(statuses).toEqual([202, 202, 202, 202, 429, 429, 429]);
      const stored = await consoleConsume(bootstrapServers, topic, { count: 4, timeoutMs: 15_000 });
      expect(stored.map(({ value }) => value)).toEqual(['0', '1', '2', '3']);
      expect((await post('buffered', 'a'.repeat(10_000))).status).toBe(202);
      await untilTrue(async () => JSON.stringify(gateway.log).includes('were not stored'), {
        timeoutMs: 20_000,
      });
      expect(await gateway.stop()).toBe(0);
    });
  },
  { java: true },
);
