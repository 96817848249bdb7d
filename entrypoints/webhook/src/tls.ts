import { type checkServerIdentity, createSecureContext, type SecureContextOptions } from 'node:tls';
import { toPem } from 'jks-js';

/** What a certificate or key is kept in. */
export type StoreType = '' | 'NONE' | 'PEM' | 'PKCS12' | 'JKS';

/** `ssl` of a subscription; contents of PKCS12 and JKS stores are base64. */
export interface SslConfig {
  readonly hostnameVerifier: boolean;
  readonly trustAll: boolean;
  readonly trustStore?: { readonly type: StoreType; readonly password?: string; readonly content?: string };
  readonly keyStore?: {
    readonly type: StoreType;
    readonly password?: string;
    readonly alias?: string;
    readonly keyPassword?: string;
    readonly content?: string;
    readonly certContent?: string;
    readonly keyContent?: string;
  };
}

/** What node's TLS is told. */
export interface TlsOptions extends SecureContextOptions {
  readonly rejectUnauthorized?: boolean;
  readonly checkServerIdentity?: typeof checkServerIdentity;
}

/** A fault of `ssl`, with the member it is in. */
export class SslFault extends Error {
  constructor(
    readonly member: 'trustStore' | 'keyStore',
    message: string,
  ) {
    super(message);
  }
}

/** Reads the stores. @throws SslFault when one cannot be read, by a wrong password for example */
export function tlsOptions(ssl: SslConfig | undefined): TlsOptions {
  if (ssl === undefined) return {};
  const options = read(ssl);
  try {
    createSecureContext(options);
  } catch {
    // node's message may quote the store.
    throw new SslFault('keyStore', 'certificate, key and password do not go together');
  }
  return options;
}

function read(ssl: SslConfig): TlsOptions {
  return {
    ...(ssl.trustAll ? { rejectUnauthorized: false } : {}),
    ...(ssl.hostnameVerifier ? {} : { checkServerIdentity: () => undefined }),
    ...trusted(ssl.trustStore),
    ...own(ssl.keyStore),
  };
}

function trusted(store: SslConfig['trustStore']): TlsOptions {
  if (store === undefined || store.type === '' || store.type === 'NONE') return {};
  if (store.content === undefined || store.content === '')
    throw new SslFault('trustStore', 'content is missing');
  if (store.type === 'PEM') return { ca: pem(store.content, 'CERTIFICATE', 'trustStore') };
  const entries = Object.values(entriesOf('trustStore', store.content, store.password));
  const ca = entries.flatMap(({ ca, cert }) => [ca, cert].filter((one) => one !== undefined));
  if (ca.length === 0) throw new SslFault('trustStore', 'it holds no certificate');
  return { ca };
}

function own(store: SslConfig['keyStore']): TlsOptions {
  if (store === undefined || store.type === '' || store.type === 'NONE') return {};
  const phrase = store.keyPassword === undefined ? {} : { passphrase: store.keyPassword };
  if (store.type === 'PEM') {
    if (!store.certContent || !store.keyContent) {
      throw new SslFault('keyStore', 'a PEM key store needs certContent and keyContent');
    }
    return {
      cert: pem(store.certContent, 'CERTIFICATE', 'keyStore'),
      key: pem(store.keyContent, 'PRIVATE KEY', 'keyStore'),
      ...phrase,
    };
  }
  if (!store.content) throw new SslFault('keyStore', 'content is missing');
  if (store.type === 'PKCS12' && !store.alias) {
    return {
      pfx: Buffer.from(store.content, 'base64'),
      passphrase: store.keyPassword ?? store.password ?? '',
    };
  }
  const entries = entriesOf('keyStore', store.content, store.password, store.keyPassword);
  const { cert, key } = chosen(entries, store.alias);
  return { cert, key };
}

interface StoreEntry {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
}

function chosen(entries: Record<string, StoreEntry>, alias: string | undefined) {
  const keyed = Object.entries(entries).filter(
    ([, entry]) => entry.key !== undefined && entry.cert !== undefined,
  );
  const found =
    alias === undefined || alias === ''
      ? keyed[0]
      : keyed.find(([name]) => name.toLowerCase() === alias.toLowerCase());
  if (found === undefined) {
    const names = keyed.map(([name]) => name).join(', ');
    const what = alias === undefined || alias === '' ? 'it holds no key' : `it has no key "${alias}"`;
    throw new SslFault('keyStore', names === '' ? what : `${what}; its keys are ${names}`);
  }
  return { cert: found[1].cert as string, key: found[1].key as string };
}

/** A JKS or PKCS#12 store's entries as PEM. @throws SslFault */
export function entriesOf(
  member: 'trustStore' | 'keyStore',
  content: string,
  password: string | undefined,
  keyPassword?: string,
): Record<string, StoreEntry> {
  const bytes = Buffer.from(content, 'base64');
  if (bytes.length === 0) throw new SslFault(member, 'content is not base64');
  try {
    return toPem(bytes, password ?? '', keyPassword) as Record<string, StoreEntry>;
  } catch {
    // The library's message may quote the store.
    throw new SslFault(
      member,
      'the store cannot be read: are its type, content and password right, and have its entries an alias?',
    );
  }
}

function pem(content: string, label: string, member: 'trustStore' | 'keyStore'): string {
  const text = content.includes('-----BEGIN') ? content : Buffer.from(content, 'base64').toString('latin1');
  if (!new RegExp(`-----BEGIN [A-Z ]*${label}-----`).test(text)) {
    throw new SslFault(member, `there is no PEM block "${label}" in it`);
  }
  return text;
}
