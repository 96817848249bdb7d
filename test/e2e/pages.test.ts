import { request } from 'undici';
import { expect, it } from 'vitest';
import { createTopic } from '../support/kafka/admin.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { getPage, type Page } from '../support/pages.js';
import { deleteRecordsBefore } from './support/delete-records.js';
import { earliestApi } from './support/earliest-api.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { numbered, testProducer, uniqueTopic } from './support/numbered-records.js';

const numbersOf = ({ items }: Page) => items.map(({ content }) => Number(content));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

/** Each number once, and those of one partition in order. */
function expectEachOnceInOrder(numbers: readonly number[], count: number, partitions: number): void {
  expect(
    numbers.toSorted((a, b) => a - b),
    'each once',
  ).toEqual(range(0, count));
  for (let partition = 0; partition < partitions; partition++) {
    const own = numbers.filter((number) => number % partitions === partition);
    expect(own, `order of partition ${partition}`).toEqual(own.toSorted((a, b) => a - b));
  }
}

async function filled(bootstrapServers: string, count: number, partitions: number): Promise<string> {
  const topic = uniqueTopic('pages');
  await createTopic(bootstrapServers, topic, { partitions });
  const producer = await testProducer(bootstrapServers);
  await producer.write(topic, numbered(0, count, partitions));
  await producer.close();
  return topic;
}

onRealKafka('http-get on real Kafka', (bootstrapServers) => {
  it.each(['at-least-once', 'at-most-once', 'at-best'])(
    'a client without a cursor sees each record once, in order, though the gateway restarts (%s)',
    async (qos) => {
      const topic = await filled(bootstrapServers, 2000, 3);
      const api = earliestApi({ bootstrapServers, topic, qos, get: { messagesLimitDurationMs: 1000 } });
      const seen: number[] = [];
      for (const until of [700, 2000]) {
        const gateway = await startGatewayProcess({ apis: [api] });
        const url = `${gateway.url}/events`;
        while (seen.length < until) seen.push(...numbersOf(await getPage(url, { limit: 100 })));
        expect(await gateway.stop()).toBe(0);
      }
      expectEachOnceInOrder(seen, 2000, 3);
    },
  );

  it('what a response has delivered is recorded before it ends: a gateway killed after it doubles nothing', async () => {
    const topic = await filled(bootstrapServers, 20, 1);
    const consumer = { commitIntervalMs: 600_000, sessionTimeoutMs: 6000 };
    const api = earliestApi({ bootstrapServers, topic, qos: 'at-least-once', consumer });
    const first = await startGatewayProcess({ apis: [api] });
    expect(numbersOf(await getPage(`${first.url}/events`, { limit: 8 }))).toEqual(range(0, 8));
    await first.kill();
    const second = await startGatewayProcess({ apis: [api] });
    expect(numbersOf(await getPage(`${second.url}/events`, { limit: 20, wait: 1 }))).toEqual(range(8, 20));
  });

  it('a client that goes before it has taken its page gets the whole page again', async () => {
    const topic = uniqueTopic('cut');
    await createTopic(bootstrapServers, topic, { partitions: 1 });
    const producer = await testProducer(bootstrapServers);
    // More than the buffers between the two hold.
    const values = range(0, 20).map((number) => Buffer.alloc(700_000, String.fromCharCode(97 + number)));
    await producer.write(
      topic,
      values.map((value) => ({ value })),
    );
    await producer.close();
    const get = { maxPageBytes: 67_108_864 };
    const api = earliestApi({ bootstrapServers, topic, qos: 'at-least-once', get });
    const gateway = await startGatewayProcess({ apis: [api] });
    const url = `${gateway.url}/events`;
    const cut = await request(`${url}?limit=20`, { headers: { accept: 'application/json' } });
    expect(cut.statusCode).toBe(200);
    cut.body.on('error', () => undefined).destroy();
    const page = await getPage(url, { limit: 20 });
    expect(page.items.map(({ content }) => content?.[0])).toEqual(
      values.map((value) => value.toString('latin1', 0, 1)),
    );
  });

  it('the time of a page begins when its group has been joined, and the next page need not join', async () => {
    const topic = await filled(bootstrapServers, 10, 2);
    const get = { messagesLimitDurationMs: 700 };
    const api = earliestApi({ bootstrapServers, topic, qos: 'at-least-once', get });
    const gateway = await startGatewayProcess({ apis: [api] });
    const url = `${gateway.url}/events`;
    const first = await getPage(url, { limit: 4 });
    expect(first.items).toHaveLength(4);
    const begun = performance.now();
    const rest = await getPage(url, { limit: 6 });
    expect(performance.now() - begun, 'milliseconds of the second page').toBeLessThan(2000);
    expectEachOnceInOrder([...numbersOf(first), ...numbersOf(rest)], 10, 2);
    expect((await getPage(url)).items, 'nothing is left').toEqual([]);
  });

  it.each(['none', 'at-best', 'at-most-once', 'at-least-once'])(
    'a cursor reads again what lies behind it, and an empty page skips nothing (%s)',
    async (qos) => {
      const topic = uniqueTopic('pages');
      await createTopic(bootstrapServers, topic, { partitions: 2 });
      const get = { messagesLimitDurationMs: 700 };
      const gateway = await startGatewayProcess({
        apis: [earliestApi({ bootstrapServers, topic, qos, get })],
      });
      const url = `${gateway.url}/events`;
      const empty = await getPage(url);
      expect(empty.items).toEqual([]);
      const start = empty.pagination?.nextCursor;
      expect(Buffer.from(start ?? '', 'base64').toString()).toBe(`${topic}@0#-1,1#-1`);
      const producer = await testProducer(bootstrapServers);
      await producer.write(topic, numbered(0, 40, 2));
      await producer.close();

      const all: number[] = [];
      let cursor = start;
      while (all.length < 40) {
        const page = await getPage(url, { cursor, limit: 15 });
        all.push(...numbersOf(page));
        cursor = page.pagination?.nextCursor;
      }
      expectEachOnceInOrder(all, 40, 2);
      const end = await getPage(url, { cursor });
      expect([end.items, end.pagination?.nextCursor]).toEqual([[], cursor]);
      const again = await getPage(url, { cursor: start, limit: 40, wait: 5 });
      expectEachOnceInOrder(numbersOf(again), 40, 2);
      const tenth = again.items[9]?.id;
      const after = await getPage(url, { cursor: tenth, limit: 30, wait: 5 });
      expect(numbersOf(after).toSorted()).toEqual(numbersOf(again).slice(10).toSorted());
    },
  );

  it.each(['none', 'at-least-once'])('since begins at a time, on every partition (%s)', async (qos) => {
    const topic = await filled(bootstrapServers, 20, 2);
    const producer = await testProducer(bootstrapServers);
    const gateway = await startGatewayProcess({ apis: [earliestApi({ bootstrapServers, topic, qos })] });
    const url = `${gateway.url}/events`;
    // Kafka's clock is that of this machine; a millisecond must lie between the two halves.
    const before = Date.now();
    while (Date.now() <= before) await new Promise((resolve) => setImmediate(resolve));
    const since = new Date().toISOString();
    await producer.write(topic, numbered(20, 30, 2));
    await producer.close();
    const page = await getPage(url, { since, limit: 10 });
    expect(numbersOf(page).toSorted()).toEqual(range(20, 30));
    const next = await getPage(url, { cursor: page.pagination?.nextCursor, wait: 1 });
    expect(next.items).toEqual([]);
    const future = await getPage(url, { since: '2100-01-01', wait: 1 });
    expect(future.items).toEqual([]);
  });

  it.each(['none', 'at-least-once'])(
    'what retention has removed behind a cursor is told (%s)',
    async (qos) => {
      const topic = await filled(bootstrapServers, 20, 1);
      const gateway = await startGatewayProcess({ apis: [earliestApi({ bootstrapServers, topic, qos })] });
      const url = `${gateway.url}/events`;
      const first = await getPage(url, { limit: 5 });
      await deleteRecordsBefore(bootstrapServers, topic, 0, 12);
      const page = await getPage(url, { cursor: first.pagination?.nextCursor, limit: 8 });
      expect(page.gaps).toEqual([{ key: 'CURSOR_EXPIRED', source: `${topic}@0`, from: 5, to: 12 }]);
      expect(numbersOf(page)).toEqual(range(12, 20));
    },
  );

  it('one message alone has its bytes, key, place and headers', async () => {
    const topic = uniqueTopic('alone');
    await createTopic(bootstrapServers, topic, { partitions: 1 });
    const producer = await testProducer(bootstrapServers);
    const value = Buffer.from([0, 255, 13, 10]);
    const headers = [{ 'Set-Cookie': Buffer.from('a=b') }, { tick: Buffer.from('✓') }, { tick: null }];
    await producer.write(topic, [
      { value, key: Buffer.from('key 1'), headers },
      { value: null, key: Buffer.from([7]) },
    ]);
    await producer.close();
    const api = earliestApi({ bootstrapServers, topic, qos: 'at-least-once' });
    const gateway = await startGatewayProcess({ apis: [api] });
    const get = () =>
      fetch(`${gateway.url}/events`, { headers: { accept: 'application/octet-stream', prefer: 'wait=1' } });
    const first = await get();
    expect(Buffer.from(await first.arrayBuffer())).toEqual(value);
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'x-message-key': 'key 1',
      'x-message-topic': topic,
      'x-message-partition': '0',
      'x-message-offset': '0',
      'x-message-id': Buffer.from(`${topic}@0#0`).toString('base64'),
      'x-message-header-set-cookie': 'a=b',
      'x-message-header-tick*': '%E2%9C%93',
    });
    expect(first.headers.getSetCookie()).toEqual([]);
    const second = await get();
    expect(second.headers.get('x-message-tombstone')).toBe('true');
    expect(second.headers.get('x-message-key*')).toBe('%07');
    expect((await second.arrayBuffer()).byteLength).toBe(0);
    const third = await get();
    expect([third.status, third.headers.get('x-message-id')]).toEqual([
      204,
      second.headers.get('x-message-id'),
    ]);
  });
});
