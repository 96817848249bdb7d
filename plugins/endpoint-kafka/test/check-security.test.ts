import { createPrivateKey } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Kafka from 'node-rdkafka';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestAuthority, testAuthority } from '../../../test/support/kafka/certificates.js';
import { awsToken } from '../src/security/aws-token.js';
import { checkSecurity } from '../src/security/check-security.js';
import type { KafkaSecurity } from '../src/security/config.js';

const MSK = 'b-1.demo.abc.c2.kafka.eu-west-1.amazonaws.com:9098';
const check = (security: object, servers = 'kafka:9092', features = Kafka.features) =>
  checkSecurity(security as KafkaSecurity, servers, features).map(({ pointer, message, severity }) =>
    severity === undefined ? `${pointer}: ${message}` : `${severity} ${pointer}: ${message}`,
  );
const sasl = (members: object, protocol = 'SASL_SSL') => ({ protocol, sasl: members });
const module = 'org.apache.kafka.common.security';

describe('what is told of security when an API is deployed', () => {
  const good: readonly (readonly [name: string, security: object, servers?: string])[] = [
    ['plain text', { protocol: 'PLAINTEXT' }],
    [
      'SCRAM by a JAAS line',
      sasl({
        saslMechanism: 'SCRAM-SHA-512',
        saslJaasConfig: `${module}.scram.ScramLoginModule required username="u" password="p";`,
      }),
    ],
    [
      'a token by an expression',
      sasl(
        {
          saslMechanism: 'OAUTHBEARER',
          saslJaasConfig: `${module}.oauthbearer.OAuthBearerLoginModule required access_token="{#context.attributes['gravitee.attribute.kafka.oauthbearer.token']}";`,
        },
        'SASL_PLAINTEXT',
      ),
    ],
    [
      'Amazon MSK by the default credentials',
      sasl({
        saslMechanism: 'AWS_MSK_IAM',
        saslJaasConfig: 'software.amazon.msk.auth.iam.IAMLoginModule required;',
      }),
      MSK,
    ],
    [
      'Amazon MSK by a profile',
      sasl({
        saslMechanism: 'AWS_MSK_IAM',
        saslJaasConfig: 'software.amazon.msk.auth.iam.IAMLoginModule required awsProfileName="p";',
      }),
      MSK,
    ],
    [
      'Azure Event Hubs',
      sasl({
        saslMechanism: 'PLAIN',
        saslJaasConfig: `${module}.plain.PlainLoginModule required username="$ConnectionString" password="Endpoint=sb://n.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey=k";`,
      }),
    ],
  ];
  for (const [name, security, servers] of good)
    it(`nothing: ${name}`, () => expect(check(security, servers)).toEqual([]));

  const bad: readonly (readonly [problem: RegExp, security: object, servers?: string])[] = [
    [/^\/security\/sasl: saslMechanism is missing/, sasl({})],
    [
      /saslMechanism: the mechanism is used by SASL_PLAINTEXT and SASL_SSL only/,
      sasl({ saslMechanism: 'PLAIN' }, 'SSL'),
    ],
    [/^\/security\/sasl: PLAIN needs a username/, sasl({ saslMechanism: 'PLAIN', password: 'p' })],
    [
      /saslJaasConfig: PLAIN needs a password/,
      sasl({
        saslMechanism: 'PLAIN',
        saslJaasConfig: `${module}.plain.PlainLoginModule required username="u";`,
      }),
    ],
    [
      /PLAIN needs PlainLoginModule, not ScramLoginModule/,
      sasl({
        saslMechanism: 'PLAIN',
        saslJaasConfig: `${module}.scram.ScramLoginModule required username="u" password="p";`,
      }),
    ],
    [
      /saslJaasConfig: the semicolon is missing/,
      sasl({
        saslMechanism: 'PLAIN',
        saslJaasConfig: `${module}.plain.PlainLoginModule required username="u"`,
      }),
    ],
    [
      /delegation tokens \(tokenauth\) are not supported/,
      sasl({
        saslMechanism: 'SCRAM-SHA-256',
        saslJaasConfig: `${module}.scram.ScramLoginModule required username="u" password="p" tokenauth="true";`,
      }),
    ],
    [/OAUTHBEARER needs a token/, sasl({ saslMechanism: 'OAUTHBEARER' })],
    [
      /tokenEndpoint needs clientId and clientSecret/,
      sasl({ saslMechanism: 'OAUTHBEARER', oauthbearer: { tokenEndpoint: 'https://x/t' } }),
    ],
    [
      /not an http\(s\) URL/,
      sasl({
        saslMechanism: 'OAUTHBEARER',
        oauthbearer: { tokenEndpoint: 'ftp://x', clientId: 'a', clientSecret: 'b' },
      }),
    ],
    [/the token has a space/, sasl({ saslMechanism: 'OAUTHBEARER', oauthbearer: { token: 'a b' } })],
    [
      /letters only and is not "auth"/,
      sasl({ saslMechanism: 'OAUTHBEARER', oauthbearer: { token: 'a', extensions: { auth: 'x' } } }),
    ],
    [/AWS_MSK_IAM works over SASL_SSL only/, sasl({ saslMechanism: 'AWS_MSK_IAM' }, 'SASL_PLAINTEXT'), MSK],
    [/do not tell the region of AWS/, sasl({ saslMechanism: 'AWS_MSK_IAM' })],
    [
      /a profile or an access key, not both/,
      sasl({
        saslMechanism: 'AWS_MSK_IAM',
        awsMskIam: { profile: 'p', accessKeyId: 'a', secretAccessKey: 'b' },
      }),
      MSK,
    ],
    [
      /the principal may have letters/,
      sasl({ saslMechanism: 'GSSAPI', kerberos: { serviceName: 'kafka', principal: 'a; rm -rf /' } }),
    ],
    [
      /keyStore and keystore are the same/,
      { protocol: 'SSL', ssl: { keyStore: { type: 'NONE' }, keystore: { type: 'NONE' } } },
    ],
    [
      /^warning \/security\/ssl\/trustStore\/location: the file \/no\/ca.pem is not there; until it is, this endpoint answers 503/,
      { protocol: 'SSL', ssl: { trustStore: { type: 'PEM', location: '/no/ca.pem' } } },
    ],
    [
      /^\/security\/ssl\/trustStore: it has no PEM block/,
      { protocol: 'SSL', ssl: { trustStore: { type: 'PEM', certificates: 'x' } } },
    ],
    [
      /a JKS store is the store in base64; for PEM set type to PEM/,
      {
        protocol: 'SSL',
        ssl: { trustStore: { type: 'JKS', certificates: '-----BEGIN CERTIFICATE-----', password: 'p' } },
      },
    ],
    [/^warning .*hostnameVerification: the names/, { protocol: 'SSL', ssl: { hostnameVerification: false } }],
    [
      /^warning .*certificateVerification: .* anyone may pose/,
      { protocol: 'SSL', ssl: { certificateVerification: false } },
    ],
    [
      /^warning \/security\/ssl: stores are used by SSL and SASL_SSL only/,
      { protocol: 'PLAINTEXT', ssl: { trustStore: { type: 'PEM', location: '/x' } } },
    ],
  ];
  for (const [problem, security, servers] of bad) {
    it(`${problem}`, () => {
      const told = check(security, servers);
      expect(told).toHaveLength(1);
      expect(told[0]).toMatch(problem);
    });
  }

  it('a mechanism that this build lacks, with the package that brings it', () => {
    const without = Kafka.features.filter((feature) => feature !== 'sasl_gssapi');
    expect(check(sasl({ saslMechanism: 'GSSAPI' }), 'kafka:9092', without)).toEqual([
      '/security/sasl/saslMechanism: this build of librdkafka has no sasl_gssapi; install libsasl2-dev and rebuild node-rdkafka',
    ]);
  });

  describe('of stores that are there', () => {
    let authority: TestAuthority;
    let folder: string;
    beforeAll(async () => {
      authority = await testAuthority();
      folder = await mkdtemp(join(tmpdir(), 'sluice-check-'));
    });
    afterAll(async () => {
      await authority?.remove();
      await rm(folder, { recursive: true, force: true });
    });
    const ssl = (members: object) => check({ protocol: 'SSL', ssl: members });

    it('passwords, kinds, and keys without their certificate', async () => {
      const own = await authority.issue('own');
      const another = await authority.issue('another');
      const pkcs12 = await authority.pkcs12(own, 'right-one');
      const jks = await authority.javaKeyStore(pkcs12, 'right-one');
      const at = (type: string, location: string, password?: string) => ({
        type,
        location,
        ...(password && { password }),
      });
      expect(
        ssl({ trustStore: at('PEM', authority.certificate), keyStore: at('PKCS12', pkcs12, 'right-one') }),
      ).toEqual([]);
      expect(ssl({ keyStore: at('JKS', jks, 'right-one') })).toEqual([]);
      expect(ssl({ keyStore: at('JKS', pkcs12, 'right-one') })).toEqual([]);
      for (const [type, store] of [
        ['PKCS12', pkcs12],
        ['JKS', jks],
      ] as const) {
        expect(ssl({ keyStore: at(type, store, 'wrong') })).toEqual([
          '/security/ssl/keyStore: it cannot be read: a wrong password, or it is damaged',
        ]);
        expect(ssl({ keyStore: at(type, store) })).toEqual([
          '/security/ssl/keyStore: its password is missing',
        ]);
      }
      expect(ssl({ keyStore: at('PKCS12', own.both, 'right-one') })).toEqual([
        '/security/ssl/keyStore: it is neither a JKS nor a PKCS12 store; is it PEM?',
      ]);
      expect(ssl({ keyStore: at('PEM', own.certificate) })).toEqual([
        '/security/ssl/keyStore: it has no private key',
      ]);
      const mixed = { ...at('PEM', own.key), certificateChainLocation: another.certificate };
      expect(ssl({ keyStore: mixed })).toEqual([
        '/security/ssl/keyStore: no certificate in it belongs to its private key',
      ]);
    });

    it('an encrypted key needs its password', async () => {
      const own = await authority.issue('encrypted');
      const key = createPrivateKey(await readFile(own.key, 'utf8')).export({
        type: 'pkcs8',
        format: 'pem',
        cipher: 'aes-256-cbc',
        passphrase: 'right-one',
      });
      const location = join(folder, 'encrypted.pem');
      await writeFile(location, `${key}${await readFile(own.certificate, 'utf8')}`);
      const store = { type: 'PEM', location };
      expect(ssl({ keyStore: { ...store, keyPassword: 'right-one' } })).toEqual([]);
      expect(ssl({ keyStore: { ...store, password: 'right-one' } })).toEqual([]);
      expect(ssl({ keyStore: { ...store, keyPassword: 'wrong' } })).toEqual([
        '/security/ssl/keyStore: the private key is encrypted and its keyPassword is wrong',
      ]);
      expect(ssl({ keyStore: store })).toEqual([
        '/security/ssl/keyStore: the private key is encrypted and its keyPassword is missing',
      ]);
    });
  });
});

it('a token for Amazon MSK is signed for the region by the key given, for 15 minutes', async () => {
  const { token, expiresAt = 0 } = await awsToken(
    { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'not-shown', sessionToken: 'session' },
    'eu-west-1',
  );
  const url = new URL(Buffer.from(token, 'base64url').toString());
  expect(url.host).toBe('kafka.eu-west-1.amazonaws.com');
  expect(url.searchParams.get('Action')).toBe('kafka-cluster:Connect');
  expect(url.searchParams.get('X-Amz-Credential')).toMatch(
    /^AKIDEXAMPLE\/\d{8}\/eu-west-1\/kafka-cluster\/aws4_request$/,
  );
  expect(url.searchParams.get('X-Amz-Security-Token')).toBe('session');
  expect(url.toString()).not.toContain('not-shown');
  expect(expiresAt - Date.now()).toBeGreaterThan(14 * 60_000);
  expect(expiresAt - Date.now()).toBeLessThanOrEqual(15 * 60_000);
});
