import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startKafka } from '../support/kafka/broker.js';
import { testAuthority } from '../support/kafka/certificates.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { earliestApi } from './support/earliest-api.js';
import { type EventLog, openEventLog } from './support/event-log.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { uniqueTopic } from './support/numbered-records.js';
import { untilTrue } from './support/until-true.js';

onRealKafka(
  'client certificates that are replaced under a running gateway',
  () => {
    it('are used without a restart: for publishing and under open streams', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'sluice-rotation-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const [old, next] = [await testAuthority(), await testAuthority()];
      onTestFinished(() => Promise.all([old.remove(), next.remove()]).then(() => {}));
      const server = await old.issue('broker');
      const trusted = join(folder, 'trusted.pem');
      const own = join(folder, 'own.pem');
      await copyFile(old.certificate, trusted);
      await copyFile((await old.issue('gateway')).both, own);
      const broker = await startKafka({
        listeners: { MTLS: 'SSL' },
        properties: {
          'ssl.keystore.type': 'PEM',
          'ssl.keystore.location': server.both,
          'listener.name.mtls.ssl.truststore.type': 'PEM',
          'listener.name.mtls.ssl.truststore.location': trusted,
          'listener.name.mtls.ssl.client.auth': 'required',
        },
      });
      onTestFinished(() => broker.stop());
      const topic = uniqueTopic('rotated');
      await broker.createTopic(topic);
      const ssl = {
        trustStore: { type: 'PEM', location: old.certificate },
        keyStore: { type: 'PEM', location: own },
      };
      const shared = { security: { protocol: 'SSL', ssl } };
      const bootstrapServers = broker.addressOf('MTLS');
      const apis = ['none', 'at-least-once'].map((qos) =>
        earliestApi({ bootstrapServers, topic, id: qos, qos, shared, consumer: { groupId: topic } }),
      );
      const gateway = await startGatewayProcess({ apis, args: ['--strict'] });
      const post = async (body: string) =>
        (await fetch(`${gateway.url}/none`, { method: 'POST', body })).status;
      expect(await post('before')).toBe(202);
      const logs = ['none', 'at-least-once'].map((id) => openEventLog(`${gateway.url}/${id}`));
      const bodies = (log: EventLog) => log.events.map(({ data }) => data);
      for (const log of logs) await log.until((events) => events.length === 1, 30_000);

      // The broker trusts another authority from its next start on: the gateway's certificate is of no use any more.
      await copyFile(next.certificate, trusted);
      await broker.restart();
      expect(await post('refused')).toBe(503);
      await copyFile((await next.issue('gateway')).both, own);
      await untilTrue(async () => (await post('after')) === 202, { timeoutMs: 60_000 });
      for (const log of logs) {
        await log.until(() => bodies(log).includes('after'), 60_000);
        log.close();
      }
      // At least once may come twice: while no broker could be reached nothing could be recorded.
      expect(bodies(logs[0] as EventLog).filter((body) => body === 'before')).toHaveLength(1);
      expect(logs[0]?.connects).toBe(1);
      expect(JSON.stringify(gateway.log)).not.toContain('PRIVATE KEY');
      expect(await gateway.stop()).toBe(0);
    });
  },
  { java: true },
);
