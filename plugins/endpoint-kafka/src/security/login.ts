import type { AwsMskIamConfig, KerberosConfig, OauthbearerConfig, SaslConfig } from './config.js';
import { type JaasEntry, JaasError, parseJaas } from './jaas.js';

/** How the gateway proves who it is. */
export type Login =
  | {
      readonly kind: 'password';
      readonly mechanism: string;
      readonly username: string;
      readonly password: string;
    }
  | { readonly kind: 'token'; readonly oauthbearer: OauthbearerConfig }
  | { readonly kind: 'aws'; readonly aws: AwsMskIamConfig }
  | { readonly kind: 'kerberos'; readonly kerberos: KerberosConfig };

/** Thrown by {@link loginOf}; the message says what would be right, without a secret. */
export class LoginError extends Error {
  constructor(
    /** Of the member of `security.sasl`: empty for itself. */
    readonly pointer: string,
    message: string,
  ) {
    super(message);
  }
}

const MODULES: Readonly<Record<string, readonly string[]>> = {
  PLAIN: ['PlainLoginModule'],
  'SCRAM-SHA-256': ['ScramLoginModule'],
  'SCRAM-SHA-512': ['ScramLoginModule'],
  OAUTHBEARER: ['OAuthBearerLoginModule'],
  AWS_MSK_IAM: ['IAMLoginModule'],
  GSSAPI: ['Krb5LoginModule'],
};

/** The login that `security.sasl` describes, by its JAAS line or its plain fields. @throws LoginError */
export function loginOf(sasl: SaslConfig): Login {
  const mechanism = sasl.saslMechanism;
  if (mechanism === undefined) throw new LoginError('', 'saslMechanism is missing');
  const jaas = sasl.saslJaasConfig === undefined ? undefined : jaasOf(mechanism, sasl.saslJaasConfig);
  if (mechanism === 'OAUTHBEARER') return { kind: 'token', oauthbearer: oauthbearerOf(sasl, jaas) };
  if (mechanism === 'AWS_MSK_IAM') return { kind: 'aws', aws: awsOf(sasl, jaas) };
  if (mechanism === 'GSSAPI') return { kind: 'kerberos', kerberos: kerberosOf(sasl, jaas) };
  return passwordLogin(mechanism, sasl, jaas);
}

function jaasOf(mechanism: string, text: string): JaasEntry {
  let entry: JaasEntry;
  try {
    entry = parseJaas(text);
  } catch (error) {
    if (error instanceof JaasError) throw new LoginError('/saslJaasConfig', error.message);
    throw error;
  }
  const fitting = MODULES[mechanism] ?? [];
  if (!fitting.includes(entry.module)) {
    throw new LoginError(
      '/saslJaasConfig',
      `${mechanism} needs ${fitting.join(' or ')}, not ${entry.module}`,
    );
  }
  return entry;
}

function passwordLogin(mechanism: string, sasl: SaslConfig, jaas: JaasEntry | undefined): Login {
  if (jaas?.options.get('tokenauth')?.toLowerCase() === 'true')
    throw new LoginError(
      '/saslJaasConfig',
      'delegation tokens (tokenauth) are not supported by librdkafka; log in by user and password or another mechanism',
    );
  const where = jaas === undefined ? '' : '/saslJaasConfig';
  const pick = (name: 'username' | 'password'): string => {
    const value = sasl[name] ?? jaas?.options.get(name);
    if (value === undefined || value === '')
      throw new LoginError(
        where,
        `${mechanism} needs a ${name}: ${name} of sasl, or ${name}="..." of its JAAS line`,
      );
    return value;
  };
  return { kind: 'password', mechanism, username: pick('username'), password: pick('password') };
}

function oauthbearerOf({ oauthbearer = {} }: SaslConfig, jaas: JaasEntry | undefined): OauthbearerConfig {
  const options = jaas?.options ?? new Map<string, string>();
  const extensions: Record<string, string> = { ...oauthbearer.extensions };
  for (const [name, value] of options) {
    if (name.startsWith('extension_')) extensions[name.slice('extension_'.length)] ??= value;
  }
  const scope = options.get('scope');
  const found = given({
    token: oauthbearer.token ?? options.get('access_token'),
    tokenEndpoint: oauthbearer.tokenEndpoint,
    clientId: oauthbearer.clientId ?? options.get('clientId'),
    clientSecret: oauthbearer.clientSecret ?? options.get('clientSecret'),
    scopes: oauthbearer.scopes ?? scope?.split(/\s+/),
    extensions,
  });
  const where = jaas === undefined ? '/oauthbearer' : '/saslJaasConfig';
  checkExtensions(extensions, where);
  if (found.token !== undefined && found.token !== '') {
    checkToken(
      found.token,
      jaas === undefined || oauthbearer.token !== undefined ? '/oauthbearer/token' : where,
    );
    return found;
  }
  if (found.tokenEndpoint === undefined) {
    throw new LoginError(
      where,
      'OAUTHBEARER needs a token (oauthbearer.token, or access_token="..." of its JAAS line) or oauthbearer.tokenEndpoint with clientId and clientSecret',
    );
  }
  if (!/^https?:\/\/\S+$/.test(found.tokenEndpoint) || !URL.canParse(found.tokenEndpoint))
    throw new LoginError('/oauthbearer/tokenEndpoint', 'the token endpoint is not an http(s) URL');
  if (found.clientId === undefined || found.clientSecret === undefined)
    throw new LoginError('/oauthbearer', 'oauthbearer.tokenEndpoint needs clientId and clientSecret');
  return found;
}

/** RFC 7628 §3.1: what would end the token inside the login message is refused here, not by librdkafka. */
function checkToken(token: string, pointer: string): void {
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new LoginError(pointer, 'the token has a space or control character');
}

function checkExtensions(extensions: Readonly<Record<string, string>>, pointer: string): void {
  for (const [name, value] of Object.entries(extensions)) {
    if (!/^[A-Za-z]+$/.test(name) || name === 'auth' || !/^[\x21-\x7e \t\r\n]*$/.test(value))
      throw new LoginError(
        pointer,
        'the name of a SASL extension has letters only and is not "auth"; its value is plain ASCII',
      );
  }
}

function awsOf({ awsMskIam }: SaslConfig, jaas: JaasEntry | undefined): AwsMskIamConfig {
  const option = (name: string) => jaas?.options.get(name);
  const found = given({
    region: awsMskIam?.region ?? option('awsStsRegion'),
    profile: awsMskIam?.profile ?? option('awsProfileName'),
    roleArn: awsMskIam?.roleArn ?? option('awsRoleArn'),
    roleSessionName: awsMskIam?.roleSessionName ?? option('awsRoleSessionName'),
    roleExternalId: awsMskIam?.roleExternalId ?? option('awsRoleExternalId'),
    accessKeyId: awsMskIam?.accessKeyId ?? option('awsRoleAccessKeyId'),
    secretAccessKey: awsMskIam?.secretAccessKey ?? option('awsRoleSecretAccessKey'),
    sessionToken: awsMskIam?.sessionToken ?? option('awsRoleSessionToken'),
  });
  const where = jaas === undefined ? '/awsMskIam' : '/saslJaasConfig';
  if ((found.accessKeyId === undefined) !== (found.secretAccessKey === undefined))
    throw new LoginError(where, 'an access key needs both its id and its secret');
  if (found.profile !== undefined && found.accessKeyId !== undefined)
    throw new LoginError(where, 'give a profile or an access key, not both');
  return found;
}

function kerberosOf({ kerberos }: SaslConfig, jaas: JaasEntry | undefined): KerberosConfig {
  const found = given({
    serviceName: kerberos?.serviceName ?? jaas?.options.get('serviceName') ?? 'kafka',
    principal: kerberos?.principal ?? jaas?.options.get('principal'),
    keytab: kerberos?.keytab ?? jaas?.options.get('keyTab'),
  });
  const where = jaas === undefined ? '/kerberos' : '/saslJaasConfig';
  // librdkafka puts both into a line for the shell (sasl.kerberos.kinit.cmd).
  if (found.principal !== undefined && !/^[A-Za-z0-9._@/-]+$/.test(found.principal))
    throw new LoginError(where, 'the principal may have letters, digits and . _ @ / - only');
  if (found.keytab !== undefined && !/^[A-Za-z0-9._/-]+$/.test(found.keytab))
    throw new LoginError(where, 'the path of the keytab may have letters, digits and . _ / - only');
  if (found.keytab !== undefined && found.principal === undefined)
    throw new LoginError(where, 'a keytab needs a principal');
  return found;
}

type Given<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T];
/** Without the members that are undefined. */
function given<T extends object>(
  value: T,
): Omit<T, Given<T>> & { [K in Given<T>]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never;
}
