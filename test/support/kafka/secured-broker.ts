import { type KafkaBroker, startKafka } from './broker.js';
import { type TestAuthority, testAuthority } from './certificates.js';

const module = (name: string) => `org.apache.kafka.common.security.${name}`;

/** Who may log in to a secured broker by PLAIN and SCRAM. */
export const ALICE = { username: 'alice', password: 'alice-se"cret;\\1' } as const;

/**
 * A broker with a plaintext listener for tools and, by name: `TLS`, `MTLS` (asks for the client's certificate), `OTHERNAME`
 * (its certificate names another host), `EXPIRED` (its certificate has), `SASL` and `SASLTLS` (PLAIN, SCRAM-SHA-256
 * and -512, OAUTHBEARER with unsecured tokens, which must be renewed before they end).
 */
export interface SecuredBroker extends KafkaBroker {
  readonly authority: TestAuthority;
}

/** Starts one; `stop` removes the authority too. */
export async function startSecuredBroker(): Promise<SecuredBroker> {
  const authority = await testAuthority();
  const good = await authority.issue('broker');
  const other = await authority.issue('other', { subjectAltName: 'DNS:elsewhere.example' });
  const expired = await authority.issue('expired', { days: -1 });
  const pem = (prefix: string, keyStore: string) => ({
    [`${prefix}ssl.keystore.type`]: 'PEM',
    [`${prefix}ssl.keystore.location`]: keyStore,
    [`${prefix}ssl.truststore.type`]: 'PEM',
    [`${prefix}ssl.truststore.location`]: authority.certificate,
  });
  const quoted = ALICE.password.replace(/["\\]/g, '\\$&');
  const sasl = (listener: string) => ({
    [`listener.name.${listener}.sasl.enabled.mechanisms`]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    [`listener.name.${listener}.plain.sasl.jaas.config`]: `${module('plain.PlainLoginModule')} required user_alice="${quoted}";`,
    [`listener.name.${listener}.scram-sha-256.sasl.jaas.config`]: `${module('scram.ScramLoginModule')} required;`,
    [`listener.name.${listener}.scram-sha-512.sasl.jaas.config`]: `${module('scram.ScramLoginModule')} required;`,
    [`listener.name.${listener}.oauthbearer.sasl.jaas.config`]: `${module('oauthbearer.OAuthBearerLoginModule')} required;`,
    // The session of a client ends with its token, unless it logs in again before that (KIP-368).
    [`listener.name.${listener}.oauthbearer.connections.max.reauth.ms`]: '3600000',
  });
  const scram = (mechanism: string) => ['--add-scram', `${mechanism}=[name=bob,password=bob-secret]`];
  const broker = await startKafka({
    listeners: {
      TLS: 'SSL',
      MTLS: 'SSL',
      OTHERNAME: 'SSL',
      EXPIRED: 'SSL',
      SASL: 'SASL_PLAINTEXT',
      SASLTLS: 'SASL_SSL',
    },
    formatArgs: [...scram('SCRAM-SHA-256'), ...scram('SCRAM-SHA-512')],
    properties: {
      ...pem('', good.both),
      ...pem('listener.name.othername.', other.both),
      ...pem('listener.name.expired.', expired.both),
      'listener.name.mtls.ssl.client.auth': 'required',
      ...sasl('sasl'),
      ...sasl('sasltls'),
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'allow.everyone.if.no.acl.found': 'true',
      'super.users': 'User:ANONYMOUS',
    },
  }).catch(async (error: unknown) => {
    await authority.remove();
    throw error;
  });
  return {
    ...broker,
    get pid() {
      return broker.pid;
    },
    authority,
    async stop() {
      await broker.stop();
      await authority.remove();
    },
  };
}
