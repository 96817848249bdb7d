/** How connections to the cluster are secured: `security` of the shared configuration. */
export interface KafkaSecurity {
  readonly protocol: 'PLAINTEXT' | 'SASL_PLAINTEXT' | 'SASL_SSL' | 'SSL';
  readonly sasl?: SaslConfig;
  readonly ssl?: SslConfig;
}

/** How the gateway logs in: by a line of a JAAS file or by plain fields. */
export interface SaslConfig {
  readonly saslMechanism?: string;
  readonly saslJaasConfig?: string;
  readonly username?: string;
  readonly password?: string;
  readonly oauthbearer?: OauthbearerConfig;
  readonly awsMskIam?: AwsMskIamConfig;
  readonly kerberos?: KerberosConfig;
}

/** A token, or where tokens are fetched by OAuth's client credentials grant (RFC 6749 §4.4). */
export interface OauthbearerConfig {
  readonly token?: string;
  readonly tokenEndpoint?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly scopes?: readonly string[];
  /** SASL extensions (RFC 7628 §3.1), sent beside the token. */
  readonly extensions?: Readonly<Record<string, string>>;
}

/** Whose rights in AWS are used; nothing means the default chain of credentials of the AWS SDK. */
export interface AwsMskIamConfig {
  /** Of the cluster; absent: the one in the name of the first bootstrap server. */
  readonly region?: string;
  readonly profile?: string;
  readonly roleArn?: string;
  readonly roleSessionName?: string;
  readonly roleExternalId?: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
}

/** Kerberos. Without a keytab the ticket cache of the process is used. */
export interface KerberosConfig {
  readonly serviceName: string;
  readonly principal?: string;
  readonly keytab?: string;
}

/** TLS. Without a trust store the certificate authorities of the system are trusted. */
export interface SslConfig {
  readonly trustStore?: TrustStoreConfig;
  readonly keyStore?: KeyStoreConfig;
  /** Another spelling of `keyStore`. */
  readonly keystore?: KeyStoreConfig;
  readonly hostnameVerification: boolean;
  readonly certificateVerification: boolean;
  readonly cipherSuites?: string;
  readonly curves?: string;
}

interface StoreConfig {
  readonly type: 'NONE' | 'PEM' | 'PKCS12' | 'JKS';
  readonly location?: string;
  readonly password?: string;
}

/** Certificates that are trusted, in a file or in the definition. */
export interface TrustStoreConfig extends StoreConfig {
  /** PEM, or for the other types the store itself in base64. */
  readonly certificates?: string;
}

/** The gateway's own key and certificates, in a file or in the definition. */
export interface KeyStoreConfig extends StoreConfig {
  /** PEM, or for the other types the store itself in base64. */
  readonly key?: string;
  readonly keyPassword?: string;
  /** PEM. */
  readonly certificateChain?: string;
  readonly certificateChainLocation?: string;
}
