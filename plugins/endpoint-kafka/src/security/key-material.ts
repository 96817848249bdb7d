import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createRequire } from 'node:module';
import type Jks from 'jks-js';
import type Forge from 'node-forge';

// A hundred modules together, which most definitions do not need.
const require = createRequire(import.meta.url);

/** What a store holds, as PEM. */
export interface KeyMaterial {
  /** In the order of the store. */
  readonly certificates: readonly string[];
  /** PKCS#8, not encrypted; absent when the store has none. */
  readonly key?: string;
}

/** Thrown when a store cannot be read: the message says why, without its content. */
export class StoreError extends Error {}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g;
/** The first bytes of a Java key store (sun.security.provider.JavaKeyStore). */
const JKS_MAGIC = 0xfeedfeed;

/** Reads certificates and the first key out of PEM. @throws StoreError */
export function readPem(text: string, keyPassword: string | undefined): KeyMaterial {
  const certificates: string[] = [];
  let key: string | undefined;
  for (const [block, label = ''] of text.matchAll(BLOCK)) {
    if (label === 'CERTIFICATE' || label === 'TRUSTED CERTIFICATE') certificates.push(checked(block));
    else if (label.endsWith('PRIVATE KEY')) key ??= privateKey(block, keyPassword);
  }
  if (certificates.length === 0 && key === undefined)
    throw new StoreError('it has no PEM block (-----BEGIN CERTIFICATE----- or -----BEGIN PRIVATE KEY-----)');
  return key === undefined ? { certificates } : { certificates, key };
}

/** Reads a Java key store or a PKCS#12 file, whichever it is. @throws StoreError */
export function readBinary(
  content: Buffer,
  password: string | undefined,
  keyPassword: string | undefined,
): KeyMaterial {
  if (password === undefined) throw new StoreError('its password is missing');
  if (content.length > 4 && content.readUInt32BE(0) === JKS_MAGIC)
    return readJks(content, password, keyPassword ?? password);
  if (content[0] === 0x30) return readPkcs12(content, password);
  throw new StoreError('it is neither a JKS nor a PKCS12 store; is it PEM?');
}

function readJks(content: Buffer, password: string, keyPassword: string): KeyMaterial {
  try {
    const jks = require('jks-js') as typeof Jks;
    const entries = Object.values(jks.toPem(content, password, keyPassword));
    const certificates = entries.flatMap(({ ca, cert }) => pemBlocks(`${cert ?? ''}\n${ca ?? ''}`));
    const key = entries.find((entry) => entry.key !== undefined)?.key;
    return key === undefined ? { certificates } : { certificates, key: privateKey(key, undefined) };
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    throw new StoreError('it cannot be read: a wrong password, or it is damaged', { cause });
  }
}

function readPkcs12(content: Buffer, password: string): KeyMaterial {
  const forge = require('node-forge') as typeof Forge;
  let store: Forge.pkcs12.Pkcs12Pfx;
  try {
    const der = forge.asn1.fromDer(forge.util.createBuffer(content.toString('binary')));
    // Not strict: certificates of elliptic curves are kept as they are, since this library has no such keys.
    store = forge.pkcs12.pkcs12FromAsn1(der, false, password);
  } catch (cause) {
    throw new StoreError('it cannot be read: a wrong password, or it is damaged', { cause });
  }
  const { certBag, keyBag, pkcs8ShroudedKeyBag } = forge.pki.oids as Record<string, string>;
  const pem = (label: string, asn1: Forge.asn1.Asn1) => pemOf(label, forge.asn1.toDer(asn1).getBytes());
  const bags = (type: string | undefined) =>
    type === undefined ? [] : (store.getBags({ bagType: type })[type] ?? []);
  const certificates = bags(certBag).map(({ cert, asn1 }) =>
    checked(pem('CERTIFICATE', cert ? forge.pki.certificateToAsn1(cert) : asn1)),
  );
  const [keyOf] = [...bags(pkcs8ShroudedKeyBag), ...bags(keyBag)];
  if (keyOf === undefined) return { certificates };
  const info = keyOf.key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(keyOf.key)) : keyOf.asn1;
  return { certificates, key: privateKey(pem('PRIVATE KEY', info), undefined) };
}

/** @param der a character a byte */
function pemOf(label: string, der: string): string {
  const lines =
    Buffer.from(der, 'binary')
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----`;
}

function pemBlocks(text: string): readonly string[] {
  return [...text.matchAll(BLOCK)].map(([block]) => checked(block));
}

function checked(certificate: string): string {
  try {
    return new X509Certificate(certificate).toString().trim();
  } catch (cause) {
    throw new StoreError('a certificate in it cannot be read', { cause });
  }
}

function privateKey(text: string, passphrase: string | undefined): string {
  let key: KeyObject;
  try {
    key = createPrivateKey(passphrase === undefined ? text : { key: text, passphrase });
  } catch (cause) {
    const encrypted = /ENCRYPTED/.test(text);
    const why = passphrase === undefined ? 'its keyPassword is missing' : 'its keyPassword is wrong';
    throw new StoreError(
      encrypted ? `the private key is encrypted and ${why}` : 'the private key cannot be read',
      {
        cause,
      },
    );
  }
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The certificates with the one of the key first, as TLS sends them. @throws StoreError when none belongs to it */
export function chainOf(key: string, certificates: readonly string[]): readonly string[] {
  const own = certificates.find((each) => new X509Certificate(each).checkPrivateKey(createPrivateKey(key)));
  if (own === undefined) throw new StoreError('no certificate in it belongs to its private key');
  return [own, ...certificates.filter((each) => each !== own)];
}
