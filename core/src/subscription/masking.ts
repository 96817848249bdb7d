import { createHmac, randomBytes } from 'node:crypto';
import type { ConfigFault } from '../contract/plugin.js';
import { secretFrom } from '../contract/url-secret.js';
import { pointerToPath } from '../definition/problem.js';
import { isObject } from './forms.js';

type Json = Record<string, unknown>;

const PREFIX = '********-';
const MASK = /^(https?:\/\/\S*)?\*{8}-[\da-f]{12}$/i;
/** New with each process: a mask tells nothing about its secret, and two processes' masks differ. */
const KEY = randomBytes(32);

/** What is shown for a secret, of a URL in place of what may be secret in it. Equal secrets have equal masks, so one can be sent back for the value it stands for. */
export function maskOf(secret: unknown): string {
  const text = typeof secret === 'string' ? secret : JSON.stringify(secret);
  return shownOf(text) + PREFIX + createHmac('sha256', KEY).update(text).digest('hex').slice(0, 12);
}

/** Of a URL all before what may be a token is shown: it says where. */
function shownOf(text: string): string {
  return text.slice(0, secretFrom(text) ?? 0);
}

/** A copy of a configuration with a mask at each pointer that has a value. */
export function masked(configuration: Readonly<Json>, secrets: readonly string[]): Json {
  const copy = structuredClone(configuration) as Json;
  for (const pointer of secrets) {
    replaceAt(copy, pointer, (value) =>
      value === undefined || value === null || value === '' ? value : maskOf(value),
    );
  }
  return copy;
}

/**
 * Puts stored secrets back, in place, where their masks stand in a configuration that was sent to us; a mask is known
 * wherever it stands, so that lists may be put in another order. A mask that stands for none of them, or where no
 * secret belongs, is a fault: kept, it would be taken for the secret.
 */
export function unmask(
  configuration: Json,
  secrets: readonly string[],
  stored: { readonly configuration: Readonly<Json>; readonly secrets: readonly string[] } | undefined,
): readonly ConfigFault[] {
  const known = new Map<string, unknown>();
  for (const pointer of stored?.secrets ?? []) {
    const value = valueAt(stored?.configuration, pointer);
    if (value !== undefined) known.set(maskOf(value), value);
  }
  const faults: ConfigFault[] = [];
  for (const pointer of secrets) {
    replaceAt(configuration, pointer, (value) => {
      if (typeof value !== 'string' || !MASK.test(value)) return value;
      if (known.has(value)) return known.get(value);
      faults.push({ pointer, message: 'this is a mask of no stored secret; give the secret itself' });
      return value;
    });
  }
  const places = new Set(secrets);
  for (const pointer of findMasks(configuration, '')) {
    if (!places.has(pointer)) faults.push({ pointer, message: 'a masked secret cannot stand here' });
  }
  return faults;
}

function findMasks(value: unknown, pointer: string): readonly string[] {
  if (typeof value === 'string') return MASK.test(value) ? [pointer] : [];
  if (Array.isArray(value)) return value.flatMap((item, index) => findMasks(item, `${pointer}/${index}`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    findMasks(member, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
}

function valueAt(value: unknown, pointer: string): unknown {
  let found = value;
  for (const part of pointerToPath(pointer)) {
    found = typeof found === 'object' && found !== null ? (found as Json)[part] : undefined;
  }
  return found;
}

function replaceAt(root: Json, pointer: string, change: (value: unknown) => unknown): void {
  const path = pointerToPath(pointer);
  const last = path.at(-1);
  const parent = valueAt(root, pointer.slice(0, pointer.lastIndexOf('/')));
  if (last === undefined || typeof parent !== 'object' || parent === null || !(last in parent)) return;
  (parent as Json)[last] = change((parent as Json)[last]);
}
