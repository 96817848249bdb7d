import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { askFrom } from '../support/from-address.js';
import { createTopic } from '../support/kafka/admin.js';
import { testAuthority } from '../support/kafka/certificates.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { startRelay } from '../support/kafka/relay.js';
import { type WireLog, wireLog } from '../support/kafka/wire.js';
import { earliestApi } from './support/earliest-api.js';
import { openEventLog } from './support/event-log.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { testProducer, uniqueTopic } from './support/numbered-records.js';
import { untilTrue } from './support/until-true.js';

const soon = { timeoutMs: 30_000 };

onRealKafka('the options of connections', (bootstrapServers) => {
  const target = Number(/:(\d+)/.exec(bootstrapServers)?.[1]);
  /** A relay that leads to the broker, whose clients go on to the broker's own address once they know it. */
  const relayed = async (port = target) => {
    const log = wireLog();
    const relay = await startRelay(port, 0, log.watch);
    onTestFinished(() => relay.close());
    return { ...log, relay, address: `127.0.0.1:${relay.port}` };
  };
  const gatewayOf = (address: string, shared: object, topic = 'unused') =>
    startGatewayProcess({ apis: [earliestApi({ bootstrapServers: address, topic, id: 'api', shared })] });
  const starts = (log: WireLog) =>
    log.connections.slice(1).map(({ openedAt }, at) => openedAt - (log.connections[at]?.openedAt ?? 0));

  it('setupTimeoutMs: a connection that is not ready by then is given up', async () => {
    const quick = await relayed();
    const slow = await relayed();
    for (const { relay } of [quick, slow]) relay.silence();
    const security = { protocol: 'SSL' };
    const gateways = await Promise.all([
      gatewayOf(quick.address, { security, connection: { setupTimeoutMs: 1000 } }),
      gatewayOf(slow.address, { security, connection: { setupTimeoutMs: 20_000 } }),
    ]);
    await untilTrue(async () => quick.connections.length >= 2, soon);
    expect(starts(quick)[0]).toBeGreaterThan(900);
    expect(starts(quick)[0]).toBeLessThan(3500);
    expect(slow.connections).toHaveLength(1);
    for (const gateway of gateways) expect(await gateway.stop()).toBe(0);
  });

  it('reconnectBackoffMs and reconnectBackoffMaxMs: the wait between attempts', async () => {
    // Nobody listens there: the relay's connections end at once.
    const closed = 1;
    const [even, growing] = [await relayed(closed), await relayed(closed)];
    const gateways = await Promise.all([
      gatewayOf(even.address, { connection: { reconnectBackoffMs: 50, reconnectBackoffMaxMs: 50 } }),
      gatewayOf(growing.address, { connection: { reconnectBackoffMs: 400, reconnectBackoffMaxMs: 1600 } }),
    ]);
    await untilTrue(async () => growing.connections.length >= 4, soon);
    const gaps = starts(growing).slice(0, 3);
    expect(Math.min(...gaps)).toBeGreaterThan(250);
    expect(Math.max(...gaps)).toBeLessThan(3500);
    expect(even.connections.length).toBeGreaterThan(growing.connections.length * 2);
    for (const gateway of gateways) expect(await gateway.stop()).toBe(0);
  });

  it('socketTimeoutMs: a broker that says nothing for so long is connected to anew', async () => {
    const [quick, slow] = [await relayed(), await relayed()];
    for (const { relay } of [quick, slow]) relay.silence();
    const gateways = await Promise.all([
      gatewayOf(quick.address, { connection: { socketTimeoutMs: 700 } }),
      gatewayOf(slow.address, { connection: { socketTimeoutMs: 60_000 } }),
    ]);
    await untilTrue(async () => quick.connections.length >= 2, soon);
    expect(starts(quick)[0]).toBeGreaterThan(600);
    expect(starts(quick)[0]).toBeLessThan(3500);
    expect(slow.connections).toHaveLength(1);
    for (const gateway of gateways) expect(await gateway.stop()).toBe(0);
  });

  it('cipherSuites and curves: what a TLS server is offered', async () => {
    const authority = await testAuthority();
    onTestFinished(() => authority.remove());
    const { key, certificate } = await authority.issue('server');
    const met: string[] = [];
    const serve = async (options: object) => {
      const server = createTlsServer({
        key: await readFile(key),
        cert: await readFile(certificate),
        maxVersion: 'TLSv1.2',
        ...options,
      });
      server.on('secureConnection', (socket: TLSSocket) => {
        met.push(socket.getCipher().name);
        socket.on('error', () => {});
        socket.destroy();
      });
      let refused = 0;
      server.on('tlsClientError', () => refused++);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void server.close());
      return {
        address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
        refused: () => refused,
      };
    };
    const any = await serve({});
    const p256 = await serve({ ecdhCurve: 'P-256', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' });
    const trustStore = { type: 'PEM', location: authority.certificate };
    const security = (ssl: object) => ({ security: { protocol: 'SSL', ssl: { trustStore, ...ssl } } });
    const chosen = await gatewayOf(any.address, security({ cipherSuites: 'ECDHE-RSA-AES128-GCM-SHA256' }));
    await untilTrue(async () => met.length > 0, soon);
    expect(new Set(met)).toEqual(new Set(['ECDHE-RSA-AES128-GCM-SHA256']));
    await chosen.stop();
    const matching = met.length;
    const other = await gatewayOf(p256.address, security({ curves: 'P-384' }));
    await untilTrue(async () => p256.refused() > 0, soon);
    expect(met.length).toBe(matching);
    await other.stop();
    const same = await gatewayOf(p256.address, security({ curves: 'P-256' }));
    await untilTrue(async () => met.length > matching, soon);
    await same.stop();
  });

  it('topicsPattern, checkTopicExistence, maxConsumers, removeConfluentHeader, encodeMessageId', async () => {
    const topic = uniqueTopic('reading');
    await createTopic(bootstrapServers, topic);
    const producer = await testProducer(bootstrapServers);
    await producer.write(topic, [{ value: Buffer.from('\0\0\0\0\x2apayload'), partition: 0 }]);
    await producer.close();
    const get = { messagesLimitCount: 1, messagesLimitDurationMs: 20_000 };
    const of = (id: string, consumer: object, qos = 'none') =>
      earliestApi({ bootstrapServers, topic, id, get, qos, consumer });
    const apis = [
      of('plain', {}),
      of('matching', { topics: [], topicsPattern: `${topic}|never` }),
      of('stripped', { removeConfluentHeader: true, encodeMessageId: false }),
      of('missing', { topics: [`${topic}-missing`], checkTopicExistence: true }),
      of('one', { maxConsumers: 1 }, 'at-least-once'),
    ];
    const gateway = await startGatewayProcess({ apis });
    const page = async (id: string, headers: Record<string, string> = {}) => {
      const answer = await fetch(`${gateway.url}/${id}`, {
        headers: { accept: 'application/json', ...headers },
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };
    const contentOf = ({ body }: Awaited<ReturnType<typeof page>>) =>
      (body.items as { id: string; content: string }[])[0];
    expect(contentOf(await page('plain'))).toMatchObject({ id: expect.not.stringContaining('@') });
    expect(contentOf(await page('plain'))?.content).toBe('\0\0\0\0\x2apayload');
    expect(contentOf(await page('matching'))?.content).toBe('\0\0\0\0\x2apayload');
    expect(contentOf(await page('stripped'))).toMatchObject({ id: `${topic}@0#0`, content: 'payload' });
    expect(await page('missing')).toMatchObject({ status: 502, body: { key: 'SUBSCRIBE_FAILED' } });
    const stream = openEventLog(`${gateway.url}/one`, { 'x-gravitee-client-identifier': 'first' });
    await stream.until((events) => events.length === 1, 30_000);
    expect(await page('one', { 'x-gravitee-client-identifier': 'second' })).toMatchObject({
      status: 429,
      body: { key: 'CLIENT_SHARE_EXHAUSTED' },
    });
    const other = { localAddress: '127.0.0.2', headers: { accept: 'application/json' } };
    const refused = await askFrom(`${gateway.url}/one`, other);
    expect(refused.status).toBe(503);
    await expect.poll(() => refused.text()).toContain('TOO_MANY_CONSUMERS');
    stream.close();
    expect(await gateway.stop()).toBe(0);
  });
});
