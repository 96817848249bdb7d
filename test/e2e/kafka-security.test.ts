import { copyFile, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consoleConsume } from '../support/kafka/console.js';
import { ensureKafkaJars } from '../support/kafka/jars.js';
import { runJavaTool } from '../support/kafka/java.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { ALICE, type SecuredBroker, startSecuredBroker } from '../support/kafka/secured-broker.js';
import { earliestApi } from './support/earliest-api.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { testProducer, uniqueTopic } from './support/numbered-records.js';
import { openRawStream } from './support/raw-stream.js';
import { startTokenIssuer, unsecuredToken } from './support/token-issuer.js';
import { untilTrue } from './support/until-true.js';

const jaas = (module: string, options: string) =>
  `org.apache.kafka.common.security.${module} required ${options};`;
const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
const BOB = { username: 'bob', password: 'bob-secret' };

/** What a definition says of a way in, which listener it is for, and what goes wrong there. */
type Way = readonly [listener: string, security: object];

onRealKafka(
  'a secured Kafka',
  () => {
    let broker: SecuredBroker;
    let trust: object;
    beforeAll(async () => {
      broker = await startSecuredBroker();
      trust = { trustStore: { type: 'PEM', location: broker.authority.certificate } };
    });
    afterAll(() => broker?.stop());

    const apiOf = (id: string, topic: string, [listener, security]: Way) =>
      earliestApi({
        bootstrapServers: broker.addressOf(listener),
        topic,
        id,
        get: { messagesLimitCount: 1, messagesLimitDurationMs: 20_000 },
        shared: { security },
      });
    const post = (url: string, id: string, body: string) =>
      fetch(`${url}/${id}`, { method: 'POST', body, headers: { accept: 'application/json' } });
    const healthOf = async (adminUrl: string, id: string) => {
      const answer = (await (await fetch(`${adminUrl}/apis`)).json()) as {
        id: string;
        endpoints: { status: string; reason?: string }[];
      }[];
      return answer.find((api) => api.id === id)?.endpoints[0];
    };

    /** Publishes by every way and reads back by it; Kafka's own consumer sees the records too. */
    const serves = async (ways: Readonly<Record<string, Way>>) => {
      const topic = uniqueTopic('secured');
      await broker.createTopic(topic);
      const apis = Object.entries(ways).map(([id, way]) => apiOf(id, topic, way));
      const gateway = await startGatewayProcess({ apis, args: ['--strict'] });
      for (const id of Object.keys(ways)) {
        const answer = await post(gateway.url, id, `by ${id}`);
        expect([id, answer.status, answer.status === 202 ? '' : await answer.text()]).toEqual([id, 202, '']);
        const page = await fetch(`${gateway.url}/${id}`, { headers: { accept: 'application/json' } });
        expect([id, page.status]).toEqual([id, 200]);
        expect(JSON.stringify(await page.json())).toContain(`by ${Object.keys(ways)[0]}`);
      }
      const stored = await consoleConsume(broker.bootstrapServers, topic, { count: apis.length });
      expect(stored.map(({ value }) => value)).toEqual(Object.keys(ways).map((id) => `by ${id}`));
      const log = JSON.stringify(gateway.log);
      for (const secret of [ALICE.password, BOB.password]) expect(log).not.toContain(secret);
      expect(await gateway.stop()).toBe(0);
    };

    it('SASL: PLAIN, SCRAM and OAUTHBEARER, by JAAS lines and by plain fields', async () => {
      const sasl = (members: object): Way => ['SASL', { protocol: 'SASL_PLAINTEXT', sasl: members }];
      const alice = `username=${quoted(ALICE.username)} password=${quoted(ALICE.password)}`;
      const bob = `username=${quoted(BOB.username)} password=${quoted(BOB.password)}`;
      const token = unsecuredToken('carol', 3600);
      await serves({
        'plain-jaas': sasl({ saslMechanism: 'PLAIN', saslJaasConfig: jaas('plain.PlainLoginModule', alice) }),
        plain: sasl({ saslMechanism: 'PLAIN', ...ALICE }),
        'scram-256-jaas': sasl({
          saslMechanism: 'SCRAM-SHA-256',
          saslJaasConfig: jaas('scram.ScramLoginModule', bob),
        }),
        'scram-512': sasl({ saslMechanism: 'SCRAM-SHA-512', ...BOB }),
        'token-jaas': sasl({
          saslMechanism: 'OAUTHBEARER',
          saslJaasConfig: jaas('oauthbearer.OAuthBearerLoginModule', `access_token="${token}"`),
        }),
        token: sasl({
          saslMechanism: 'OAUTHBEARER',
          oauthbearer: { token, extensions: { logicalCluster: 'one' } },
        }),
      });
    });

    it('TLS: every kind of store, by location and by content; client certificates; SASL over it', async () => {
      const { authority } = broker;
      const password = 'store-secret';
      const own = await authority.issue('gateway');
      const pkcs12 = await authority.pkcs12(own, password);
      const stores = {
        jks: await authority.javaTrustStore('JKS', password),
        pkcs12: await authority.javaTrustStore('PKCS12', password),
        ownJks: await authority.javaKeyStore(pkcs12, password),
      };
      const base64 = async (file: string) => (await readFile(file)).toString('base64');
      const tls = (ssl: object): Way => ['TLS', { protocol: 'SSL', ssl }];
      const mtls = (ssl: object): Way => ['MTLS', { protocol: 'SSL', ssl: { ...trust, ...ssl } }];
      await serves({
        pem: tls(trust),
        'pem-content': tls({
          trustStore: { type: 'PEM', certificates: await readFile(authority.certificate, 'utf8') },
        }),
        jks: tls({ trustStore: { type: 'JKS', location: stores.jks, password } }),
        'jks-content': tls({
          trustStore: { type: 'JKS', certificates: await base64(stores.jks), password },
        }),
        pkcs12: tls({ trustStore: { type: 'PKCS12', location: stores.pkcs12, password } }),
        'client-pem': mtls({ keyStore: { type: 'PEM', location: own.both } }),
        'client-pem-content': mtls({
          keystore: {
            type: 'PEM',
            key: await readFile(own.key, 'utf8'),
            certificateChain: await readFile(own.certificate, 'utf8'),
          },
        }),
        'client-two-files': mtls({
          keyStore: { type: 'PEM', location: own.key, certificateChainLocation: own.certificate },
        }),
        'client-pkcs12': mtls({ keyStore: { type: 'PKCS12', location: pkcs12, password } }),
        'client-pkcs12-content': mtls({ keyStore: { type: 'PKCS12', key: await base64(pkcs12), password } }),
        'client-jks': mtls({ keyStore: { type: 'JKS', location: stores.ownJks, password } }),
        'scram-over-tls': [
          'SASLTLS',
          {
            protocol: 'SASL_SSL',
            sasl: {
              saslMechanism: 'SCRAM-SHA-512',
              saslJaasConfig: jaas('scram.ScramLoginModule', 'username="bob" password="bob-secret"'),
            },
            ssl: trust,
          },
        ],
      });
    });

    it('what is wrong: 503 without details for clients, the reason in the health and the log', async () => {
      const login = (password: string) => ({ saslMechanism: 'SCRAM-SHA-512', username: 'bob', password });
      const ways: Readonly<Record<string, readonly [Way, RegExp]>> = {
        password: [['SASL', { protocol: 'SASL_PLAINTEXT', sasl: login('wrong-secret') }], /authentication/i],
        'plain-password': [
          [
            'SASL',
            { protocol: 'SASL_PLAINTEXT', sasl: { ...login('wrong-secret'), saslMechanism: 'PLAIN' } },
          ],
          /authentication failed/i,
        ],
        'unknown-authority': [['TLS', { protocol: 'SSL' }], /certificate verify failed/i],
        expired: [['EXPIRED', { protocol: 'SSL', ssl: trust }], /certificate (verify failed|has expired)/i],
        'other-name': [['OTHERNAME', { protocol: 'SSL', ssl: trust }], /certificate verify failed|mismatch/i],
        'no-certificate': [
          ['MTLS', { protocol: 'SSL', ssl: trust }],
          /certificate required|bad certificate|handshake|SSL/i,
        ],
        'plain-text': [['TLS', { protocol: 'PLAINTEXT' }], /disconnected|transport/i],
      };
      const topic = uniqueTopic('refused');
      await broker.createTopic(topic);
      const apis = Object.entries(ways).map(([id, [way]]) => apiOf(id, topic, way));
      const gateway = await startGatewayProcess({ apis });
      await Promise.all(
        Object.entries(ways).map(async ([id, [, reason]]) => {
          const answer = await post(gateway.url, id, 'never');
          const body = await answer.text();
          expect([id, answer.status]).toEqual([id, 503]);
          expect(body).not.toMatch(/127\.0\.0\.1|certificate|secret|SASL|SSL/);
          await untilTrue(async () => reason.test((await healthOf(gateway.adminUrl, id))?.reason ?? ''), {
            timeoutMs: 20_000,
            what: async () => `${id}: ${JSON.stringify(await healthOf(gateway.adminUrl, id))}`,
          });
        }),
      );
      const log = JSON.stringify(gateway.log);
      expect(log).toMatch(/the kafka cluster cannot be reached/);
      expect(log).toMatch(/certificate verify failed/i);
      expect(log).not.toContain('wrong-secret');
      expect(await gateway.stop()).toBe(0);
    });

    it('names and authorities are not looked at when the definition says so, and it is told', async () => {
      const topic = uniqueTopic('lenient');
      await broker.createTopic(topic);
      const apis = [
        apiOf('other-name', topic, [
          'OTHERNAME',
          { protocol: 'SSL', ssl: { ...trust, hostnameVerification: false } },
        ]),
        apiOf('anyone', topic, ['TLS', { protocol: 'SSL', ssl: { certificateVerification: false } }]),
      ];
      const gateway = await startGatewayProcess({ apis });
      for (const id of ['other-name', 'anyone']) expect((await post(gateway.url, id, id)).status).toBe(202);
      expect(JSON.stringify(gateway.log)).toMatch(/certificates are not verified/);
      expect(await gateway.stop()).toBe(0);
    });

    it('a token is fetched again before it ends, and the connections go on', async () => {
      const issuer = await startTokenIssuer({ subject: 'dave', lifeSeconds: 5 });
      const topic = uniqueTopic('token');
      await broker.createTopic(topic);
      const oauthbearer = {
        tokenEndpoint: issuer.url,
        clientId: issuer.clientId,
        clientSecret: issuer.clientSecret,
        scopes: ['kafka'],
      };
      const way: Way = [
        'SASL',
        { protocol: 'SASL_PLAINTEXT', sasl: { saslMechanism: 'OAUTHBEARER', oauthbearer } },
      ];
      const gateway = await startGatewayProcess({ apis: [apiOf('token', topic, way)], args: ['--strict'] });
      let count = 0;
      await untilTrue(
        async () => {
          const answer = await post(gateway.url, 'token', `${count}`);
          expect([count++, answer.status]).toEqual([count - 1, 202]);
          return issuer.requests.length >= 3;
        },
        { timeoutMs: 30_000 },
      );
      expect(issuer.requests[0]).toEqual({ grant_type: 'client_credentials', scope: 'kafka' });
      // One for all its clients, not one each.
      expect(issuer.requests.length).toBe(3);
      expect(JSON.stringify(gateway.log)).not.toContain(issuer.clientSecret);
      expect(await gateway.stop()).toBe(0);
    });

    /** Takes a permission from bob, or gives it back. */
    const deny = async (change: '--add' | '--remove', topic: string, operation: string) =>
      runJavaTool({
        jars: await ensureKafkaJars(),
        mainClass: 'org.apache.kafka.tools.AclCommand',
        args: [
          ...['--bootstrap-server', broker.bootstrapServers, change, '--topic', topic],
          ...['--deny-principal', 'User:bob', '--operation', operation],
          ...(change === '--remove' ? ['--force'] : []),
        ],
      });

    it('a permission to read that is taken from an open stream, and given back: the cursor goes on', async () => {
      const topic = uniqueTopic('revoked');
      await broker.createTopic(topic);
      const sasl = { saslMechanism: 'SCRAM-SHA-256', ...BOB };
      const way: Way = ['SASL', { protocol: 'SASL_PLAINTEXT', sasl }];
      const gateway = await startGatewayProcess({ apis: [apiOf('revoked', topic, way)], args: ['--strict'] });
      const url = `${gateway.url}/revoked`;
      const stream = await openRawStream(url);
      expect((await post(gateway.url, 'revoked', 'before')).status).toBe(202);
      await stream.until(() => stream.data.includes('before'), 30_000);
      await deny('--add', topic, 'Read');
      await stream.ended;
      expect(stream.data.filter((line) => /bob|authoriz/i.test(line))).toEqual([]);
      expect(JSON.stringify(gateway.log)).toMatch(/authorization failed/i);
      const producer = await testProducer(broker.bootstrapServers);
      await producer.write(topic, [{ value: Buffer.from('meanwhile'), partition: 0 }]);
      await producer.close();
      await deny('--remove', topic, 'Read');
      const headers = { 'last-event-id': Buffer.from(`${topic}@0#0`).toString('base64') };
      let again = await openRawStream(url, { headers });
      await untilTrue(
        async () => {
          if (again.status !== 200 || again.data.some((line) => line.includes('SUBSCRIBE_FAILED'))) {
            again.close();
            again = await openRawStream(url, { headers });
          }
          return again.data.length > 0 && again.data[0] === 'meanwhile';
        },
        { timeoutMs: 30_000, what: async () => JSON.stringify([again.status, again.data]) },
      );
      expect(again.data).toEqual(['meanwhile']);
      again.close();
      expect(await gateway.stop()).toBe(0);
    });

    it('a missing permission: refused without details, said in the log, served once it is granted', async () => {
      const topic = uniqueTopic('forbidden');
      await broker.createTopic(topic);
      await deny('--add', topic, 'Write');
      const sasl = { saslMechanism: 'SCRAM-SHA-256', ...BOB };
      const way: Way = ['SASL', { protocol: 'SASL_PLAINTEXT', sasl }];
      const gateway = await startGatewayProcess({
        apis: [apiOf('forbidden', topic, way)],
        args: ['--strict'],
      });
      const refused = await post(gateway.url, 'forbidden', 'never');
      expect([refused.status, await refused.text()]).toEqual([
        502,
        expect.not.stringMatching(/bob|authoriz/i),
      ]);
      expect(JSON.stringify(gateway.log)).toMatch(/authorization failed/i);
      await deny('--remove', topic, 'Write');
      await untilTrue(async () => (await post(gateway.url, 'forbidden', 'now')).status === 202, {
        timeoutMs: 30_000,
      });
      expect(await gateway.stop()).toBe(0);
    });

    describe('is served again when it is mended, without a restart', () => {
      it('a trust store that is mounted late', async () => {
        const topic = uniqueTopic('late');
        await broker.createTopic(topic);
        const location = `${broker.authority.folder}/late.pem`;
        const way: Way = ['TLS', { protocol: 'SSL', ssl: { trustStore: { type: 'PEM', location } } }];
        const gateway = await startGatewayProcess({ apis: [apiOf('late', topic, way)] });
        expect((await post(gateway.url, 'late', 'too early')).status).toBe(503);
        expect((await healthOf(gateway.adminUrl, 'late'))?.reason).toContain('late.pem is not there');
        expect(JSON.stringify(gateway.log)).toContain('late.pem is not there');
        await copyFile(broker.authority.certificate, location);
        await untilTrue(async () => (await post(gateway.url, 'late', 'now')).status === 202, {
          timeoutMs: 20_000,
        });
        expect(await gateway.stop()).toBe(0);
      });

      it('a token endpoint that was away', async () => {
        const issuer = await startTokenIssuer({ subject: 'erin', lifeSeconds: 3600 });
        issuer.fail(500);
        const topic = uniqueTopic('away');
        await broker.createTopic(topic);
        const { url: tokenEndpoint, clientId, clientSecret } = issuer;
        const sasl = { saslMechanism: 'OAUTHBEARER', oauthbearer: { tokenEndpoint, clientId, clientSecret } };
        const way: Way = ['SASL', { protocol: 'SASL_PLAINTEXT', sasl }];
        const gateway = await startGatewayProcess({ apis: [apiOf('away', topic, way)] });
        expect((await post(gateway.url, 'away', 'too early')).status).toBe(503);
        expect((await healthOf(gateway.adminUrl, 'away'))?.reason).toMatch(/token endpoint .* answered 500/);
        issuer.fail(undefined);
        await untilTrue(async () => (await post(gateway.url, 'away', 'now')).status === 202, {
          timeoutMs: 20_000,
        });
        expect(await gateway.stop()).toBe(0);
      });
    });
  },
  { java: true },
);
