import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Certificates that openssl made just now. Stores are base64, their password is `password`. */
export interface Certificates {
  readonly ca: string;
  readonly serverCert: string;
  readonly serverKey: string;
  readonly clientCert: string;
  readonly clientKey: string;
  readonly clientP12: string;
  /** Holds the CA alone. */
  readonly trustP12: string;
  /** Absent where there is no Java. */
  readonly jks?: { readonly trust: string; readonly client: string };
}

/** A CA, a server's certificate for 127.0.0.1 (or another name), and a client's. */
export async function makeCertificates(subjectAltName = 'IP:127.0.0.1'): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-certificates-'));
  const openssl = (...args: readonly string[]) => run('openssl', [...args], { cwd: folder });
  const text = (name: string) => readFile(join(folder, name), 'utf8');
  const base64 = (name: string) => readFile(join(folder, name), 'base64');
  const issue = async (name: string, extension: string) => {
    await writeFile(join(folder, `${name}.ext`), extension);
    await openssl(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-subj',
      `/CN=${name}`,
      '-out',
      `${name}.csr`,
    );
    const signed = [
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
    ];
    await openssl('x509', '-req', ...signed, '-extfile', `${name}.ext`, '-out', `${name}.pem`);
  };
  try {
    await openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'ca.key',
      '-subj',
      '/CN=Test CA',
      '-days',
      '2',
      '-out',
      'ca.pem',
    );
    await issue('server', `subjectAltName=${subjectAltName}`);
    await issue('client', 'extendedKeyUsage=clientAuth');
    const password = ['-passout', 'pass:password'];
    await openssl(
      'pkcs12',
      '-export',
      '-inkey',
      'client.key',
      '-in',
      'client.pem',
      '-name',
      'client',
      ...password,
      '-out',
      'client.p12',
    );
    await openssl(
      'pkcs12',
      '-export',
      '-nokeys',
      '-caname',
      'ca',
      '-in',
      'ca.pem',
      ...password,
      '-out',
      'trust.p12',
    );
    const jks = await run(
      'keytool',
      [
        '-importcert',
        '-noprompt',
        '-alias',
        'ca',
        '-file',
        'ca.pem',
        '-storetype',
        'JKS',
        '-keystore',
        'trust.jks',
        '-storepass',
        'password',
      ],
      { cwd: folder },
    )
      .then(() =>
        run(
          'keytool',
          [
            '-importkeystore',
            '-noprompt',
            '-srckeystore',
            'client.p12',
            '-srcstoretype',
            'PKCS12',
            '-srcstorepass',
            'password',
            '-destkeystore',
            'client.jks',
            '-deststoretype',
            'JKS',
            '-deststorepass',
            'password',
          ],
          { cwd: folder },
        ),
      )
      .then(async () => ({ jks: { trust: await base64('trust.jks'), client: await base64('client.jks') } }))
      .catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return {};
        throw error;
      });
    return {
      ca: await text('ca.pem'),
      serverCert: await text('server.pem'),
      serverKey: await text('server.key'),
      clientCert: await text('client.pem'),
      clientKey: await text('client.key'),
      clientP12: await base64('client.p12'),
      trustP12: await base64('trust.p12'),
      ...jks,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
