import { BlockList, isIP } from 'node:net';

/** Thrown for a target that may not be called. */
export class TargetRefused extends Error {
  readonly code = 'ERR_TARGET_REFUSED';
}

type Family = 'ipv4' | 'ipv6';

/** IPv4 that is not the public internet (IANA special-purpose registry, multicast, reserved). */
const PRIVATE_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** The only part of IPv6 that is given out to the public internet, and what of it is not. */
const PUBLIC_V6 = '2000::/3';
/** Protocol assignments (Teredo, ORCHID), documentation, 6to4, and SRv6; mapped and NAT64 addresses lie outside. */
const PRIVATE_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'];

const listOf = (cidrs: readonly string[]) => {
  const list = new BlockList();
  for (const cidr of cidrs) addCidr(list, cidr);
  return list;
};
const DENIED = listOf([...PRIVATE_V4, ...PRIVATE_V6]);
const GLOBAL_V6 = listOf([PUBLIC_V6]);

/**
 * Who may be called: the public internet, and what the operator opens beside it. A callback is chosen by a user, and
 * must not become a way into the operator's network or the metadata service of a cloud.
 */
export class Targets {
  readonly #hosts = new Set<string>();
  readonly #opened = new BlockList();

  /** @param allow host names, addresses and CIDRs @throws Error naming an entry that is none of these */
  constructor(allow: readonly string[]) {
    for (const entry of allow) {
      const name = hostName(entry);
      if (entry.includes('/')) addCidr(this.#opened, entry);
      else if (isIP(name) !== 0) this.#opened.addAddress(name, familyOf(name));
      else if (/^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/.test(name)) this.#hosts.add(name);
      else throw new Error(`webhook.allowTargets: "${entry}" is no host name, address or CIDR`);
    }
  }

  /** Whether the operator opened this host by its name, whatever it resolves to. */
  opensHost(host: string): boolean {
    return this.#hosts.has(hostName(host));
  }

  /**
   * Checks one address, a literal or one that a name resolved to, and says no to what is neither public nor opened.
   * @throws TargetRefused
   */
  check(address: string): void {
    const plain = hostName(address).split('%')[0] ?? '';
    if (isIP(plain) === 0) throw new TargetRefused(`"${address}" is not an address`);
    const family = familyOf(plain);
    if (this.#opened.check(plain, family)) return;
    // A mapped IPv4 address is outside the global part of IPv6, so it is refused like any other such address.
    const isPublic = family === 'ipv4' ? !DENIED.check(plain, family) : isPublicV6(plain);
    if (!isPublic) {
      // The subscription's owner reads it, who must not learn what a name resolves to in here.
      throw new TargetRefused('it has no public address; webhook.allowTargets of the gateway opens others');
    }
  }
}

function isPublicV6(address: string): boolean {
  return GLOBAL_V6.check(address, 'ipv6') && !DENIED.check(address, 'ipv6');
}

/** In lower case, without the brackets of a URL and the dot of the root. */
function hostName(host: string): string {
  return host
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

function familyOf(address: string): Family {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

function addCidr(list: BlockList, cidr: string): void {
  const [network = '', bits = ''] = cidr.trim().split('/');
  const version = isIP(network);
  if (version === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (version === 6 ? 128 : 32)) {
    throw new Error(`webhook.allowTargets: "${cidr}" is no CIDR such as 10.0.0.0/8 or fd00::/8`);
  }
  list.addSubnet(network, Number(bits), familyOf(network));
}
