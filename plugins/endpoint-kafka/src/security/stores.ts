import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { KeyStoreConfig, TrustStoreConfig } from './config.js';
import { chainOf, type KeyMaterial, readBinary, readPem, StoreError } from './key-material.js';

/** Thrown for a store whose file is not there (yet). */
export class StoreMissing extends StoreError {}

/** A store larger than this is not read: certificate stores are some hundred kilobytes. */
const MAX_STORE_BYTES = 8 * 1024 * 1024;
/** To open a PKCS#12 store costs 0.1 s of deriving keys; configurations that come from requests open it again. */
const MAX_KNOWN = 32;
const known = new Map<string, KeyMaterial>();

/** The trusted certificates as PEM; undefined when no store is given. @throws StoreError, StoreMissing */
export function readTrustStore(store: TrustStoreConfig | undefined): string | undefined {
  if (store === undefined || store.type === 'NONE') return undefined;
  const { type, location, certificates, password } = store;
  if (location === undefined && certificates === undefined) return undefined;
  const content =
    location === undefined ? contentOf(type, certificates ?? '', 'certificates') : readFile(location);
  const found = open(type, content, password, undefined).certificates;
  if (found.length === 0) throw new StoreError('it has no certificate');
  return `${found.join('\n')}\n`;
}

/** The gateway's own key and certificates. */
export interface Identity {
  /** PEM, not encrypted. */
  readonly key: string;
  /** PEM: the certificate of the key first. */
  readonly chain: string;
}

/** The key and its certificates; undefined when no store is given. @throws StoreError, StoreMissing */
export function readKeyStore(store: KeyStoreConfig | undefined): Identity | undefined {
  if (store === undefined || store.type === 'NONE') return undefined;
  const { type, location, key, password, keyPassword, certificateChain, certificateChainLocation } = store;
  if (location === undefined && key === undefined) return undefined;
  const content = location === undefined ? contentOf(type, key ?? '', 'key') : readFile(location);
  const found = open(type, content, password, keyPassword ?? (type === 'PEM' ? password : undefined));
  if (found.key === undefined) throw new StoreError('it has no private key');
  const chain =
    certificateChain ?? (certificateChainLocation && readFile(certificateChainLocation).toString());
  const certificates = chain === undefined ? found.certificates : readPem(chain, undefined).certificates;
  return { key: found.key, chain: `${chainOf(found.key, certificates).join('\n')}\n` };
}

function contentOf(type: string, text: string, option: string): Buffer {
  if (type === 'PEM') return Buffer.from(text);
  if (!/^[A-Za-z0-9+/=\s]+$/.test(text))
    throw new StoreError(`${option} of a ${type} store is the store in base64; for PEM set type to PEM`);
  return Buffer.from(text, 'base64');
}

function readFile(location: string): Buffer {
  try {
    const content = readFileSync(location);
    if (content.length > MAX_STORE_BYTES) throw new StoreError(`${location} is too large for a store`);
    return content;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new StoreMissing(`the file ${location} is not there`, { cause });
    if (cause instanceof StoreError) throw cause;
    throw new StoreError(`the file ${location} cannot be read (${code ?? 'unknown reason'})`, { cause });
  }
}

function open(
  type: string,
  content: Buffer,
  password: string | undefined,
  keyPassword: string | undefined,
): KeyMaterial {
  const name = createHash('sha256')
    .update(JSON.stringify([type, password, keyPassword]))
    .update(content)
    .digest('base64');
  const before = known.get(name);
  if (before !== undefined) return before;
  const found =
    type === 'PEM' ? readPem(content.toString(), keyPassword) : readBinary(content, password, keyPassword);
  if (known.size >= MAX_KNOWN) known.delete([...known.keys()][0] ?? '');
  known.set(name, found);
  return found;
}
