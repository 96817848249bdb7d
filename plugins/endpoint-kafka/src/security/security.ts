import type { Logger } from '@sluice/core';
import { awsRegion, awsToken } from './aws-token.js';
import { fetchByClientCredentials } from './client-credentials.js';
import type { KafkaSecurity, SslConfig } from './config.js';
import { type Login, loginOf } from './login.js';
import { readKeyStore, readTrustStore } from './stores.js';
import { type TokenClient, TokenSource } from './token-source.js';

/** librdkafka's properties of a secured connection. */
export type SecurityProperties = Readonly<Record<string, string | boolean>>;

/**
 * What every client of one connection needs to be let in. Stores are read again for each client, and each client asks
 * whether they have changed: files may be mounted late, or replaced while the gateway runs.
 */
export class Security {
  readonly #login: Login | undefined;
  readonly #tokens: TokenSource | undefined;

  /** @throws LoginError for what `checkSecurity` reports */
  constructor(
    private readonly config: KafkaSecurity,
    bootstrapServers: string,
    log: Logger,
  ) {
    const usesSasl = config.protocol === 'SASL_PLAINTEXT' || config.protocol === 'SASL_SSL';
    this.#login = usesSasl ? loginOf(config.sasl ?? {}) : undefined;
    this.#tokens = this.#login === undefined ? undefined : tokensOf(this.#login, bootstrapServers, log);
  }

  /** @throws StoreError when a store cannot be read now */
  properties(): SecurityProperties {
    const { protocol, ssl } = this.config;
    return {
      'security.protocol': protocol.toLowerCase(),
      ...(this.#login === undefined ? {} : saslProperties(this.#login)),
      ...(protocol === 'SSL' || protocol === 'SASL_SSL' ? sslProperties(ssl) : {}),
    };
  }

  /** Whether the stores hold something else now than when these properties were read; not while one cannot be read. */
  haveChanged(properties: SecurityProperties): boolean {
    if (!this.#readsFiles) return false;
    try {
      const now = this.properties();
      return Object.keys(now).some((name) => now[name] !== properties[name]);
    } catch {
      return false;
    }
  }

  get #readsFiles(): boolean {
    const { trustStore, keyStore, keystore } = this.config.ssl ?? {};
    return [trustStore, keyStore, keystore].some((store) => store?.location !== undefined);
  }

  /** To be called with every new client before it connects. Rejects when a token is needed and none can be had. */
  async attach(client: TokenClient): Promise<void> {
    await this.#tokens?.attach(client);
  }

  /** The client has been closed. */
  forget(client: TokenClient): void {
    this.#tokens?.forget(client);
  }

  stop(): void {
    this.#tokens?.stop();
  }
}

function tokensOf(login: Login, bootstrapServers: string, log: Logger): TokenSource | undefined {
  if (login.kind === 'token') {
    const { oauthbearer } = login;
    const { token, extensions = {} } = oauthbearer;
    const fetch = token === undefined ? () => fetchByClientCredentials(oauthbearer) : async () => ({ token });
    return new TokenSource(fetch, extensions, log);
  }
  if (login.kind === 'aws') {
    const region = awsRegion(login.aws, bootstrapServers) ?? '';
    return new TokenSource(() => awsToken(login.aws, region), {}, log);
  }
  return undefined;
}

function saslProperties(login: Login): SecurityProperties {
  switch (login.kind) {
    case 'password':
      return {
        'sasl.mechanism': login.mechanism,
        'sasl.username': login.username,
        'sasl.password': login.password,
      };
    case 'kerberos': {
      const { serviceName, principal, keytab } = login.kerberos;
      return {
        'sasl.mechanism': 'GSSAPI',
        'sasl.kerberos.service.name': serviceName,
        ...(principal === undefined ? {} : { 'sasl.kerberos.principal': principal }),
        // Without a keytab the ticket cache is used as it is: librdkafka must not try to renew it.
        ...(keytab === undefined ? { 'sasl.kerberos.kinit.cmd': '' } : { 'sasl.kerberos.keytab': keytab }),
      };
    }
    default:
      // Amazon's authorizer takes its signed tokens by this mechanism too.
      return { 'sasl.mechanism': 'OAUTHBEARER' };
  }
}

function sslProperties(ssl: SslConfig | undefined): SecurityProperties {
  const trusted = readTrustStore(ssl?.trustStore);
  const own = readKeyStore(ssl?.keyStore ?? ssl?.keystore);
  return {
    'ssl.endpoint.identification.algorithm': ssl?.hostnameVerification === false ? 'none' : 'https',
    ...(ssl?.certificateVerification === false ? { 'enable.ssl.certificate.verification': false } : {}),
    ...(trusted === undefined ? {} : { 'ssl.ca.pem': trusted }),
    ...(own === undefined ? {} : { 'ssl.key.pem': own.key, 'ssl.certificate.pem': own.chain }),
    ...(ssl?.cipherSuites === undefined ? {} : { 'ssl.cipher.suites': ssl.cipherSuites }),
    ...(ssl?.curves === undefined ? {} : { 'ssl.curves.list': ssl.curves }),
  };
}
