import { lookup as systemLookup } from 'node:dns';
import { isIP } from 'node:net';
import { TargetRefused, type Targets } from './target.js';

/** An address that a name resolved to. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** As node's `dns.lookup` with `all`. */
export type Lookup = (
  host: string,
  options: { readonly all: true; readonly family?: number },
  done: (error: NodeJS.ErrnoException | null, addresses: readonly ResolvedAddress[]) => void,
) => void;

/**
 * Resolves a host and checks what comes of it, in one step: the addresses it gives are the ones to connect to, so a
 * name that resolves to something else a moment later changes nothing. One address that may not be called refuses the
 * name, since a public one beside it would only hide it.
 * @throws TargetRefused, or the resolver's own error
 */
export async function resolveTarget(
  host: string,
  targets: Targets,
  lookup: Lookup = systemLookup as Lookup,
): Promise<readonly ResolvedAddress[]> {
  const literal = host.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(literal);
  if (family !== 0) {
    targets.check(literal);
    return [{ address: literal, family }];
  }
  const found = await new Promise<readonly ResolvedAddress[]>((resolve, reject) => {
    lookup(literal, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });
  if (found.length === 0) throw new TargetRefused(`"${host}" has no address`);
  if (!targets.opensHost(host)) for (const { address } of found) targets.check(address);
  return found;
}
