import { expect, it } from 'vitest';
import { earliestApi } from '../../e2e/support/earliest-api.js';
import { type GatewayProcess, startGatewayProcess } from '../../e2e/support/gateway-process.js';
import { uniqueTopic } from '../../e2e/support/numbered-records.js';
import { askFrom, type OpenAnswer, streamFrom } from '../../support/from-address.js';
import { createTopic } from '../../support/kafka/admin.js';
import { onRealKafka } from '../../support/kafka/on-real-kafka.js';
import { sha256 } from '../../support/plans.js';
import { expectUnharmed, startNeighbour } from '../neighbour.js';

/** A client that comes with a name for each stream. */
const ATTACKER = '127.0.0.1';
const IDENTIFIER = 'x-gravitee-client-identifier';

/** Two APIs on one topic of one cluster: `events` remembers where its clients are, and has plans; `open` does not. */
async function gatewayOf(bootstrapServers: string, consumer: object = {}): Promise<GatewayProcess> {
  const topic = uniqueTopic('consumers');
  await createTopic(bootstrapServers, topic);
  const events = {
    ...earliestApi({ bootstrapServers, topic, id: 'events', qos: 'at-least-once', consumer }),
    plans: [
      { id: 'keys', security: { type: 'api-key' } },
      { id: 'everybody', security: { type: 'key-less' } },
    ],
  };
  const open = earliestApi({ bootstrapServers, topic, id: 'open', qos: 'none', consumer });
  const keys = { api: 'events', plan: 'keys', keys: [{ id: 'holder', sha256: sha256('a key') }] };
  return await startGatewayProcess({ apis: [events, open], files: { 'events.api-keys.json': keys } });
}

/** Opens streams as so many groups. */
async function invented(url: string, localAddress: string, from: number, to: number): Promise<OpenAnswer[]> {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  return await Promise.all(
    numbers.map((number) =>
      streamFrom(url, {
        localAddress,
        headers: { [IDENTIFIER]: `invented-${number}`, accept: '*/*, text/event-stream' },
      }),
    ),
  );
}

function countOf(answers: readonly OpenAnswer[], status: number): number {
  return answers.filter((answer) => answer.status === status).length;
}

onRealKafka('clients that fill the consumers of a cluster', (bootstrapServers) => {
  it('100 invented identifiers of one client are 16 consumers, and nobody else notices', async () => {
    const gateway = await gatewayOf(bootstrapServers);
    const url = `${gateway.url}/events`;
    const neighbour = await startNeighbour(url, { localAddress: '127.0.0.2' });
    const attack = await invented(url, ATTACKER, 0, 100);
    expect([countOf(attack, 200), countOf(attack, 429)]).toEqual([16, 84]);
    expect(countOf(await invented(url, ATTACKER, 100, 200), 429)).toBe(100);
    const refused = attack.find(({ status }) => status === 429);
    expect(refused?.headers['retry-after']).toBe('15');
    await expect.poll(() => refused?.text()).toContain('This client has 16 consumers, which is its share');
    // A page and a stream of others, of who shows a key from the same address, and of the attacker where it costs nothing.
    const page = { localAddress: '127.0.0.3', headers: { accept: 'application/json' } };
    expect((await askFrom(url, page)).status).toBe(200);
    expect((await streamFrom(url, { localAddress: '127.0.0.3' })).status).toBe(200);
    const keyed = { localAddress: ATTACKER, headers: { 'x-gravitee-api-key': 'a key' } };
    expect((await streamFrom(url, keyed)).status).toBe(200);
    expect((await streamFrom(`${gateway.url}/open`, { localAddress: ATTACKER })).status).toBe(200);
    expect((await fetch(url, { method: 'POST', body: 'from the attacker' })).status).toBe(202);
    expectUnharmed(await neighbour.report());
    expect(await gateway.stop()).toBe(0);
  });

  it('pages under ever new names close the oldest of their own, and nobody else notices', async () => {
    const gateway = await gatewayOf(bootstrapServers);
    const url = `${gateway.url}/events`;
    const neighbour = await startNeighbour(url, { localAddress: '127.0.0.2' });
    const other = await invented(url, '127.0.0.3', 0, 1);
    other[0]?.leave();
    const groups = await invented(url, ATTACKER, 0, 16);
    expect(countOf(groups, 200)).toBe(16);
    for (const group of groups) group.leave();
    // Sixteen linger; each new one takes the place of one of them.
    await expect.poll(async () => countOf(await invented(url, ATTACKER, 100, 101), 200)).toBe(1);
    expect(countOf(await invented(url, '127.0.0.4', 0, 1), 200)).toBe(1);
    expectUnharmed(await neighbour.report());
    expect(await gateway.stop()).toBe(0);
  });

  it('many clients that fill the bound leave room for reading without a group', async () => {
    const gateway = await gatewayOf(bootstrapServers, { maxConsumers: 16, maxConsumersPerApi: 16 });
    const url = `${gateway.url}/events`;
    const attack = (
      await Promise.all([1, 2, 3, 4].map((host) => invented(url, `127.0.1.${host}`, 0, 5)))
    ).flat();
    // A quarter each, of all but the eighth that is kept free.
    expect([countOf(attack, 200), countOf(attack, 429) + countOf(attack, 503)]).toEqual([14, 6]);
    expect((await streamFrom(`${gateway.url}/open`, { localAddress: '127.0.0.2' })).status).toBe(200);
    const late = await streamFrom(url, { localAddress: '127.0.0.2' });
    expect([late.status, late.headers['retry-after']]).toEqual([503, '1']);
    expect(await gateway.stop()).toBe(0);
  });

  it('maxConsumersPerClient and maxConsumersPerApi are what a client and an API may hold', async () => {
    const consumer = { maxConsumers: 16, maxConsumersPerClient: 3, maxConsumersPerApi: 5 };
    const gateway = await gatewayOf(bootstrapServers, consumer);
    const url = `${gateway.url}/events`;
    expect(countOf(await invented(url, ATTACKER, 0, 4), 200)).toBe(3);
    const others = await invented(url, '127.0.0.2', 0, 3);
    expect([countOf(others, 200), countOf(others, 503)]).toEqual([2, 1]);
    const refused = others.find(({ status }) => status === 503);
    await expect
      .poll(() => refused?.text())
      .toContain('This API has as many consumers open as its share allows');
    expect((await streamFrom(`${gateway.url}/open`, { localAddress: '127.0.0.2' })).status).toBe(200);
    expect(await gateway.stop()).toBe(0);
  });
});
