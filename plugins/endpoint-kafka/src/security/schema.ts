import { choice, flag, section, text } from '../schema-parts.js';

/** The SASL mechanisms there are. */
export const MECHANISMS = [
  'PLAIN',
  'SCRAM-SHA-256',
  'SCRAM-SHA-512',
  'OAUTHBEARER',
  'AWS_MSK_IAM',
  'GSSAPI',
] as const;

const store = (properties: Record<string, object>) =>
  section({
    type: choice(
      ['NONE', 'PEM', 'PKCS12', 'JKS'],
      'JKS',
      'The format of the store. PKCS12 and JKS are told apart by their content.',
    ),
    location: text('The file of the store.'),
    password: text('The password of the store.'),
    ...properties,
  });

const keyStore = store({
  key: text('PEM: the private key. PKCS12 and JKS: the store itself, in base64.'),
  keyPassword: text('The password of the private key; absent means that of the store.'),
  certificateChain: text('The certificate chain, PEM; absent means those in the store.'),
  certificateChainLocation: text('A file with the certificate chain, PEM.'),
});

const sasl = section({
  saslMechanism: {
    type: 'string',
    enum: MECHANISMS,
    description: 'The SASL mechanism. AWS_MSK_IAM needs the protocol SASL_SSL.',
  },
  saslJaasConfig: text(
    'The login parameters, as a line of a JAAS file. The plain fields beside it say the same.',
  ),
  username: text('For PLAIN and SCRAM.'),
  password: text('For PLAIN and SCRAM.'),
  oauthbearer: section({
    token: text('An access token. An expression gives each client its own.'),
    tokenEndpoint: text(
      'Where tokens are fetched by client credentials, and again before they expire: a URL.',
    ),
    clientId: text('The client of the token endpoint.'),
    clientSecret: text('Its secret.'),
    scopes: { type: 'array', items: { type: 'string' }, description: 'The scopes that are asked for.' },
    extensions: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'SASL extensions that are sent beside the token, such as `logicalCluster`.',
    },
  }),
  awsMskIam: section({
    region: text('The region of the cluster; absent means the one in the name of the bootstrap server.'),
    profile: text('A profile of the shared AWS configuration files.'),
    roleArn: text('A role that is assumed.'),
    roleSessionName: text("The name of the role's session."),
    roleExternalId: text('The external id that the role asks for.'),
    accessKeyId: text('An access key; absent means the default chain of credentials.'),
    secretAccessKey: text('Its secret.'),
    sessionToken: text('Its session token.'),
  }),
  kerberos: section({
    serviceName: { type: 'string', default: 'kafka', description: 'The name of the Kafka service.' },
    principal: text('The principal of the gateway.'),
    keytab: text('The file of its keys; absent means the ticket cache of the process.'),
  }),
});

/** JSON Schema of `security`. */
export const SECURITY_SCHEMA = section(
  {
    protocol: choice(
      ['PLAINTEXT', 'SASL_PLAINTEXT', 'SASL_SSL', 'SSL'],
      'PLAINTEXT',
      'How connections to the cluster are secured.',
    ),
    sasl,
    ssl: section({
      trustStore: store({
        certificates: text('PEM: the trusted certificates. PKCS12 and JKS: the store itself, in base64.'),
      }),
      keyStore,
      keystore: keyStore,
      hostnameVerification: flag(
        true,
        "Whether a broker's certificate must name the host that it is reached by.",
      ),
      certificateVerification: flag(
        true,
        "Whether a broker's certificate must come from a trusted authority. False trusts whoever answers.",
      ),
      cipherSuites: text("The ciphers that may be used, in OpenSSL's notation; absent means OpenSSL's."),
      curves: text("The elliptic curves that may be used, in OpenSSL's notation; absent means OpenSSL's."),
    }),
  },
  { default: {} },
);
