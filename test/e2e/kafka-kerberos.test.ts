import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import kafka from 'node-rdkafka';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startKafka } from '../support/kafka/broker.js';
import { consoleConsume } from '../support/kafka/console.js';
import { hasKdc, startKdc } from '../support/kafka/kdc.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { earliestApi } from './support/earliest-api.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { uniqueTopic } from './support/numbered-records.js';
import { untilTrue } from './support/until-true.js';

const lacking = !hasKdc()
  ? 'MIT Kerberos is not installed: krb5-kdc, krb5-user'
  : kafka.features.includes('sasl_gssapi')
    ? undefined
    : 'node-rdkafka was built without libsasl2-dev';

onRealKafka(
  'GSSAPI against a realm of its own',
  () => {
    const test = lacking === undefined || process.env.CI === 'true' ? it : it.skip;
    describe(lacking ?? 'with a KDC', () => {
      test('a keytab by plain fields, and by a JAAS line; a principal that is not known', async () => {
        const kdc = await startKdc();
        onTestFinished(() => kdc.stop());
        const service = await kdc.principal('kafka/127.0.0.1');
        const gateway1 = await kdc.principal('gateway');
        const broker = await startKafka({
          listeners: { KERBEROS: 'SASL_PLAINTEXT' },
          flags: [`-Djava.security.krb5.conf=${kdc.config}`],
          properties: {
            'listener.name.kerberos.sasl.enabled.mechanisms': 'GSSAPI',
            'sasl.kerberos.service.name': 'kafka',
            'listener.name.kerberos.gssapi.sasl.jaas.config': `com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true keyTab="${service.keytab}" principal="${service.name}";`,
          },
        });
        onTestFinished(() => broker.stop());
        const topic = uniqueTopic('kerberos');
        await broker.createTopic(topic);
        const of = (id: string, sasl: object) =>
          earliestApi({
            bootstrapServers: broker.addressOf('KERBEROS'),
            topic,
            id,
            get: { messagesLimitCount: 1, messagesLimitDurationMs: 20_000 },
            shared: { security: { protocol: 'SASL_PLAINTEXT', sasl: { saslMechanism: 'GSSAPI', ...sasl } } },
          });
        const { name: principal, keytab } = gateway1;
        const line = `com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true principal="${principal}" keyTab="${keytab}" serviceName="kafka";`;
        const apis = [
          of('fields', { kerberos: { serviceName: 'kafka', principal, keytab } }),
          of('line', { saslJaasConfig: line }),
        ];
        const tickets = await mkdtemp(join(tmpdir(), 'sluice-tickets-'));
        onTestFinished(() => rm(tickets, { recursive: true, force: true }));
        const env = (cache: string) => ({
          KRB5_CONFIG: kdc.config,
          KRB5CCNAME: `FILE:${join(tickets, cache)}`,
        });
        const gateway = await startGatewayProcess({ apis, args: ['--strict'], env: env('good') });
        for (const id of ['fields', 'line']) {
          const url = `${gateway.url}/${id}`;
          expect((await fetch(url, { method: 'POST', body: `by ${id}` })).status).toBe(202);
          const page = await fetch(url, { headers: { accept: 'application/json' } });
          expect(JSON.stringify(await page.json())).toContain('by fields');
        }
        const stored = await consoleConsume(broker.bootstrapServers, topic, { count: 2 });
        expect(stored.map(({ value }) => value)).toEqual(['by fields', 'by line']);
        expect(await gateway.stop()).toBe(0);

        const stranger = of('stranger', { kerberos: { principal: 'stranger@SLUICE.TEST', keytab } });
        const refused = await startGatewayProcess({ apis: [stranger], env: env('bad') });
        expect((await fetch(`${refused.url}/stranger`, { method: 'POST', body: 'x' })).status).toBe(503);
        const health = async () => JSON.stringify(await (await fetch(`${refused.adminUrl}/apis`)).json());
        await untilTrue(async () => /SASL|GSSAPI|[Kk]erberos/.test(await health()), {
          timeoutMs: 20_000,
          what: health,
        });
        expect(await refused.stop()).toBe(0);
      });
    });
  },
  { java: true },
);
