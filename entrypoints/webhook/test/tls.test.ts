import type { TLSSocket } from 'node:tls';
import { beforeAll, expect, test } from 'vitest';
import { type Certificates, makeCertificates } from '../../../test/support/certificates.js';
import { webhookSink } from '../../../test/support/webhook-sink.js';
import { type SslConfig, tlsOptions } from '../src/tls.js';
import { senderFor } from './sender-for.js';

let own: Certificates;
let forOther: Certificates;

beforeAll(async () => {
  [own, forOther] = await Promise.all([makeCertificates(), makeCertificates('DNS:other.example')]);
}, 60_000);

const serverOf = ({ ca, serverCert, serverKey }: Certificates) => ({ cert: serverCert, key: serverKey, ca });
const PEM_TRUST = () => ({ trustStore: { type: 'PEM', content: own.ca } });

test('a certificate that nobody vouches for is refused; with trust in its CA, or in all, it is taken', async () => {
  const sink = await webhookSink(() => 200, serverOf(own));
  const send = (ssl?: object) =>
    senderFor({ subscriber: { callbackUrl: sink.url, ...(ssl === undefined ? {} : { ssl }) } })();
  expect(await send()).toMatchObject({ ok: false, perhapsTaken: false });
  expect(sink.calls).toEqual([]);
  expect(await send({ trustStore: { type: 'PEM', content: forOther.ca } })).toMatchObject({ ok: false });
  expect(await send(PEM_TRUST())).toEqual({ ok: true });
  expect(await send({ trustAll: true })).toEqual({ ok: true });
  expect(await send({ trustStore: { type: 'PKCS12', content: own.trustP12, password: 'password' } })).toEqual(
    { ok: true },
  );
});

test('a certificate for another host is refused, unless hosts are not verified', async () => {
  const sink = await webhookSink(() => 200, serverOf(forOther));
  const trustStore = { type: 'PEM', content: forOther.ca };
  const send = (ssl: object) => senderFor({ subscriber: { callbackUrl: sink.url, ssl } })();
  expect(await send({ trustStore })).toMatchObject({ ok: false, perhapsTaken: false });
  expect(await send({ trustStore, hostnameVerifier: false })).toEqual({ ok: true });
});

test('the client shows its certificate, from PEM and PKCS#12', async () => {
  const names: string[] = [];
  const server = { ...serverOf(own), requestCert: true, rejectUnauthorized: true };
  const sink = await webhookSink(
    () => (_, response, request) => {
      names.push((request.socket as TLSSocket).getPeerCertificate().subject.CN as string);
      response.writeHead(200).end();
    },
    server,
  );
  const send = (keyStore?: object) =>
    senderFor({
      subscriber: {
        callbackUrl: sink.url,
        ssl: { ...PEM_TRUST(), ...(keyStore === undefined ? {} : { keyStore }) },
      },
    })();
  expect(await send()).toMatchObject({ ok: false });
  expect(await send({ type: 'PEM', certContent: own.clientCert, keyContent: own.clientKey })).toEqual({
    ok: true,
  });
  expect(await send({ type: 'PKCS12', content: own.clientP12, password: 'password' })).toEqual({ ok: true });
  expect(names).toEqual(['client', 'client']);
});

test('JKS stores are read, with a key chosen by its alias', ({ skip }) => {
  if (own.jks === undefined) return skip('keytool, which makes such stores, is not installed');
  const { trust, client } = own.jks;
  const ssl = (alias: string): SslConfig => ({
    hostnameVerifier: true,
    trustAll: false,
    trustStore: { type: 'JKS', content: trust, password: 'password' },
    keyStore: { type: 'JKS', content: client, password: 'password', alias },
  });
  const { ca, cert, key } = tlsOptions(ssl('client'));
  const plain = (pem: unknown) => String(pem).replaceAll(/\s/g, '');
  expect(plain(ca)).toContain(plain(own.ca));
  expect(plain(cert)).toContain(plain(own.clientCert.slice(own.clientCert.indexOf('-----BEGIN'))));
  expect(String(key)).toContain('PRIVATE KEY');
  expect(() => tlsOptions(ssl('nobody'))).toThrow('it has no key "nobody"; its keys are client');
});

test.each([
  [{ trustStore: { type: 'PKCS12', content: 'AAAA', password: 'x' } }, 'cannot be read'],
  [{ trustStore: { type: 'PEM', content: 'nothing' } }, 'no PEM block "CERTIFICATE"'],
  [{ trustStore: { type: 'JKS' } }, 'content is missing'],
  [{ keyStore: { type: 'PEM', certContent: 'x' } }, 'needs certContent and keyContent'],
])('a store that cannot be used is told: %j', (ssl, message) => {
  expect(() => tlsOptions({ hostnameVerifier: true, trustAll: false, ...ssl } as SslConfig)).toThrow(message);
});

test('a wrong password is told without the store', () => {
  const trustStore = { type: 'PKCS12', content: own.trustP12, password: 'wrong' } as const;
  expect(() => tlsOptions({ hostnameVerifier: true, trustAll: false, trustStore })).toThrow(
    'are its type, content and password right',
  );
});
