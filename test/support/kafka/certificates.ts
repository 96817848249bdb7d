import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A certificate with its key, in files. */
export interface IssuedCertificate {
  /** PEM: the certificate. */
  readonly certificate: string;
  /** PEM: the key, not encrypted. */
  readonly key: string;
  /** PEM: the key and the certificate, as Kafka's PEM key stores are. */
  readonly both: string;
}

/** A throw-away certificate authority in a folder of its own, made by the openssl command. */
export interface TestAuthority {
  readonly folder: string;
  /** PEM: its own certificate. */
  readonly certificate: string;
  /** Issues a certificate. `days` below zero makes one that has expired. */
  issue(
    name: string,
    options?: { readonly subjectAltName?: string; readonly days?: number },
  ): Promise<IssuedCertificate>;
  /** Packs an issued certificate and its key as PKCS#12. */
  pkcs12(issued: IssuedCertificate, password: string): Promise<string>;
  /** A trust store with the authority's certificate, by Java's keytool. */
  javaTrustStore(type: 'JKS' | 'PKCS12', password: string): Promise<string>;
  /** A PKCS#12 file as a JKS key store, by Java's keytool. */
  javaKeyStore(pkcs12: string, password: string): Promise<string>;
  remove(): Promise<void>;
}

/** Makes an authority. Rejects when there is no openssl. */
export async function testAuthority(): Promise<TestAuthority> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-ca-'));
  const place = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  await openssl(
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=test authority'],
    ...['-keyout', 'ca.key', '-out', 'ca.pem'],
  );
  return {
    folder,
    certificate: place('ca.pem'),
    async issue(name, { subjectAltName = 'IP:127.0.0.1', days = 2 } = {}) {
      const issued = {
        certificate: place(`${name}.pem`),
        key: place(`${name}.key`),
        both: place(`${name}.both.pem`),
      };
      await openssl(
        ...['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`],
        ...['-keyout', issued.key, '-out', `${name}.csr`],
      );
      await writeFile(place(`${name}.ext`), `subjectAltName=${subjectAltName}\n`);
      await openssl(
        ...['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
        ...['-days', `${days}`, '-extfile', `${name}.ext`, '-out', issued.certificate],
      );
      const parts = await Promise.all([readFile(issued.key), readFile(issued.certificate)]);
      await writeFile(issued.both, Buffer.concat(parts));
      return issued;
    },
    async pkcs12(issued, password) {
      const packed = issued.certificate.replace(/pem$/, 'p12');
      await openssl(
        ...['pkcs12', '-export', '-in', issued.certificate, '-inkey', issued.key, '-certfile', 'ca.pem'],
        ...['-name', 'own', '-out', packed, '-passout', `pass:${password}`],
      );
      return packed;
    },
    async javaTrustStore(type, password) {
      const store = place(`trust.${type.toLowerCase()}`);
      await keytool(
        ...['-importcert', '-noprompt', '-alias', 'ca', '-file', place('ca.pem')],
        ...['-keystore', store, '-storetype', type, '-storepass', password],
      );
      return store;
    },
    async javaKeyStore(pkcs12, password) {
      const store = pkcs12.replace(/p12$/, 'jks');
      await keytool(
        ...['-importkeystore', '-noprompt', '-srckeystore', pkcs12, '-srcstoretype', 'PKCS12'],
        ...[
          '-srcstorepass',
          password,
          '-destkeystore',
          store,
          '-deststoretype',
          'JKS',
          '-deststorepass',
          password,
        ],
      );
      return store;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function keytool(...args: string[]): Promise<void> {
  const home = process.env.JAVA_HOME;
  await run(home ? join(home, 'bin', 'keytool') : 'keytool', args);
}
