import Kafka from 'node-rdkafka';
import { awsRegion } from './aws-token.js';
import type { KafkaSecurity, SaslConfig, SslConfig } from './config.js';
import { StoreError } from './key-material.js';
import { type Login, LoginError, loginOf } from './login.js';
import { readKeyStore, readTrustStore, StoreMissing } from './stores.js';

/** Something wrong with a configuration, or, as a warning, something to know about it. */
export interface ConfigProblem {
  readonly pointer: string;
  readonly message: string;
  readonly severity?: 'warning';
}

/** What librdkafka must have been built with for a mechanism, and the Debian package that brings it. */
const FEATURES: Readonly<Record<string, readonly [feature: string, debianPackage: string]>> = {
  PLAIN: ['sasl_plain', 'libssl-dev'],
  'SCRAM-SHA-256': ['sasl_scram', 'libssl-dev'],
  'SCRAM-SHA-512': ['sasl_scram', 'libssl-dev'],
  OAUTHBEARER: ['sasl_oauthbearer', 'libssl-dev'],
  AWS_MSK_IAM: ['sasl_oauthbearer', 'libssl-dev'],
  GSSAPI: ['sasl_gssapi', 'libsasl2-dev'],
};

/**
 * Everything that is wrong with `security`. A store whose file is not there is a warning: it may be mounted later,
 * and until then publishing and reading are answered 503. Values with expressions are judged when they have one.
 * @param features of librdkafka's build
 */
export function checkSecurity(
  security: KafkaSecurity,
  bootstrapServers: string,
  features: readonly string[] = Kafka.features,
): readonly ConfigProblem[] {
  const { protocol, sasl, ssl } = security;
  const problems: ConfigProblem[] = [];
  const secure = protocol === 'SSL' || protocol === 'SASL_SSL';
  if (secure && !features.includes('ssl'))
    problems.push(missingFeature('/security/protocol', 'ssl', 'libssl-dev'));
  if (protocol === 'SASL_PLAINTEXT' || protocol === 'SASL_SSL') {
    problems.push(...checkSasl(protocol, sasl ?? {}, bootstrapServers, features));
  } else if (sasl?.saslMechanism !== undefined) {
    const message = `the mechanism is used by SASL_PLAINTEXT and SASL_SSL only, and the protocol is ${protocol}`;
    problems.push({ pointer: '/security/sasl/saslMechanism', message });
  }
  if (secure) problems.push(...checkSsl(ssl));
  else if (ssl?.trustStore !== undefined || (ssl?.keyStore ?? ssl?.keystore) !== undefined) {
    const message = `stores are used by SSL and SASL_SSL only, and the protocol is ${protocol}`;
    problems.push({ pointer: '/security/ssl', message, severity: 'warning' });
  }
  return problems;
}

function checkSasl(
  protocol: string,
  sasl: SaslConfig,
  bootstrapServers: string,
  features: readonly string[],
): readonly ConfigProblem[] {
  if (holdsExpression(sasl)) return [];
  let login: Login;
  try {
    login = loginOf(sasl);
  } catch (error) {
    if (!(error instanceof LoginError)) throw error;
    return [{ pointer: `/security/sasl${error.pointer}`, message: error.message }];
  }
  const problems: ConfigProblem[] = [];
  const mechanism = sasl.saslMechanism ?? '';
  const [feature = '', debianPackage = ''] = FEATURES[mechanism] ?? [];
  if (!features.includes(feature))
    problems.push(missingFeature('/security/sasl/saslMechanism', feature, debianPackage));
  if (login.kind === 'aws') {
    if (protocol !== 'SASL_SSL')
      problems.push({ pointer: '/security/protocol', message: 'AWS_MSK_IAM works over SASL_SSL only' });
    if (awsRegion(login.aws, bootstrapServers) === undefined) {
      const message = 'the bootstrap servers do not tell the region of AWS; give awsMskIam.region';
      problems.push({ pointer: '/security/sasl', message });
    }
  }
  return problems;
}

function checkSsl(ssl: SslConfig | undefined): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const read = (pointer: string, store: object | undefined, reading: () => unknown) => {
    if (store !== undefined && holdsExpression(store)) return;
    try {
      reading();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (error instanceof StoreMissing) {
        const message = `${error.message}; until it is, this endpoint answers 503`;
        problems.push({ pointer: `${pointer}/location`, message, severity: 'warning' });
      } else problems.push({ pointer, message: error.message });
    }
  };
  const { trustStore, keyStore, keystore } = ssl ?? {};
  read('/security/ssl/trustStore', trustStore, () => readTrustStore(trustStore));
  if (keyStore !== undefined && keystore !== undefined)
    problems.push({
      pointer: '/security/ssl/keystore',
      message: 'keyStore and keystore are the same; give one',
    });
  const own = keyStore ?? keystore;
  read(`/security/ssl/${keyStore === undefined ? 'keystore' : 'keyStore'}`, own, () => readKeyStore(own));
  const off = [
    ['certificateVerification', "the brokers' certificates are not verified: anyone may pose as the cluster"],
    ['hostnameVerification', "the names in the brokers' certificates are not compared with their hosts"],
  ] as const;
  for (const [name, message] of off) {
    if (ssl?.[name] === false)
      problems.push({ pointer: `/security/ssl/${name}`, message, severity: 'warning' });
  }
  return problems;
}

function missingFeature(pointer: string, feature: string, debianPackage: string): ConfigProblem {
  const message = `this build of librdkafka has no ${feature}; install ${debianPackage} and rebuild node-rdkafka`;
  return { pointer, message };
}

/** Whether a text in it is worked out for each exchange. */
function holdsExpression(value: unknown): boolean {
  if (typeof value === 'string') return /\{(#|\(|T\()/.test(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(holdsExpression);
}
