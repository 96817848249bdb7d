import type { RequestInfo, SubscriptionInfo } from '../context.js';

/**
 * Whose share an exchange takes from: of a client that a plan took by its credential the API, the plan and the subscription's
 * id, else the block of addresses that the request comes from. Names that a client gives itself are no part of it.
 */
export function clientOf(
  apiId: string,
  { remoteAddress }: Pick<RequestInfo, 'remoteAddress'>,
  { id, planId = '' }: Pick<SubscriptionInfo, 'id' | 'planId'>,
): string {
  // Of a key-less client its subscription's id is its address.
  return id === remoteAddress ? addressBlock(remoteAddress) : JSON.stringify([apiId, planId, id]);
}

/** Addresses that one client has at hand: of IPv4 the address itself, of IPv6 the 64 bits that a network is given. */
export function addressBlock(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = MAPPED.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [left = '', right] = address.split('%')[0]?.split('::') ?? [];
  const first = groupsOf(left);
  const last = groupsOf(right ?? '');
  // An address of IPv4 at the end is two groups.
  const behind = last.length + ((right ?? '').includes('.') ? 1 : 0);
  const zeros = right === undefined ? 0 : Math.max(0, 8 - first.length - behind);
  const groups = [...first, ...Array<string>(zeros).fill('0'), ...last];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** An address of IPv4 as a socket of both kinds has it. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

function groupsOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(':');
}
